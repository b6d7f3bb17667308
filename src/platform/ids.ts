import { randomUUIDv7 } from 'node:crypto'

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/** What the last identifier of this process began with: its milliseconds in hex, and the counter in its `rand_a`. */
const last = { time: '', counter: 0 }
const COUNTER_MAX = 0xfff

/**
 * A new identifier: the prefix, `_`, and 26 lower-case Crockford base32 characters of a UUIDv7 (RFC 9562 §5.7), so that identifiers
 * sort by the time at which they were made; those of one process in the order in which they were made, also within a millisecond.
 */
export function newId(prefix: string): string {
  const hex = ascending(randomUUIDv7())
  let text = ''
  // 128 bits in 26 digits of 5: the first digit carries only three.
  let bits = 2
  let rest = 0
  for (let i = 0; i < hex.length; i++) {
    const code = hex.charCodeAt(i)
    if (code === 45) continue
    rest = (rest << 4) | (code < 58 ? code - 48 : code - 87)
    bits += 4
    if (bits >= 5) {
      bits -= 5
      text += DIGITS[rest >> bits]
      rest &= (1 << bits) - 1
    }
  }
  return `${prefix}_${text}`
}

const PLACES = 4

/** Identifiers for things that were made together, in their order: they differ in their last four characters only. At most 2²⁰. */
export function newIds(prefix: string, count: number): string[] {
  const head = newId(prefix).slice(0, -PLACES)
  return Array.from({ length: count }, (_, i) => head + placeOf(i))
}

/** The first and the last identifier that can have been made together with this one. */
export function idsMadeWith(id: string): [first: string, last: string] {
  const head = id.slice(0, -PLACES)
  return [head + placeOf(0), head + placeOf(32 ** PLACES - 1)]
}

function placeOf(index: number): string {
  let text = ''
  for (let rest = index; text.length < PLACES; rest = Math.floor(rest / 32)) text = DIGITS[rest % 32] + text
  return text
}

/** The same UUID with a counter where it begins alike (RFC 9562 §6.2, method 1). */
function ascending(uuid: string): string {
  const time = uuid.slice(0, 8) + uuid.slice(9, 13)
  if (time > last.time) {
    last.time = time
    // Starts in the lower half, so that there is room above.
    last.counter = Number.parseInt(uuid.slice(15, 18), 16) & 0x7ff
  } else if (last.counter < COUNTER_MAX) last.counter++
  else {
    last.time = (Number.parseInt(last.time, 16) + 1).toString(16).padStart(12, '0')
    last.counter = 0
  }
  return `${last.time}7${last.counter.toString(16).padStart(3, '0')}${uuid.slice(18)}`
}

const ID_BODY = /^[0-9a-hjkmnp-tv-z]{26}$/

/** Whether a text has the form of an identifier with this prefix. */
export function isId(prefix: string, text: string): boolean {
  return text.length === prefix.length + 27 && text.startsWith(`${prefix}_`) && ID_BODY.test(text.slice(prefix.length + 1))
}
