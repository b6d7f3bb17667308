import { randomUUIDv7 } from 'node:crypto'

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * A new identifier: the prefix, `_`, and 26 lower-case Crockford base32 characters of a UUIDv7 (RFC 9562 §5.7),
 * so that identifiers sort by the time at which they were made.
 */
export function newId(prefix: string): string {
  const hex = randomUUIDv7()
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

const ID_BODY = /^[0-9a-hjkmnp-tv-z]{26}$/

/** Whether a text has the form of an identifier with this prefix. */
export function isId(prefix: string, text: string): boolean {
  return text.length === prefix.length + 27 && text.startsWith(`${prefix}_`) && ID_BODY.test(text.slice(prefix.length + 1))
}
