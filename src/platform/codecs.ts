// One codec per kind of value whose form changes at an edge: the database's, or the wire's.

let dayStart = 0
let dayText = ''

/** Epoch milliseconds as RFC 3339 in UTC with milliseconds, `2026-11-22T09:12:00.000Z`. */
export function toTime(ms: number): string {
  const sinceDay = ms - dayStart
  // Most times of an answer lie on one day: only the clock's part is written anew.
  if (sinceDay < 0 || sinceDay >= 86_400_000 || dayText === '') {
    dayStart = Math.floor(ms / 86_400_000) * 86_400_000
    dayText = new Date(dayStart).toISOString().slice(0, 11)
  }
  const rest = ms - dayStart
  const hours = Math.floor(rest / 3_600_000)
  const minutes = Math.floor(rest / 60_000) % 60
  const seconds = Math.floor(rest / 1000) % 60
  return `${dayText}${two(hours)}:${two(minutes)}:${two(seconds)}.${three(rest % 1000)}Z`
}

export function toTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : toTime(ms)
}

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`
}

function three(n: number): string {
  return n < 10 ? `00${n}` : n < 100 ? `0${n}` : `${n}`
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** An RFC 3339 date-time as epoch milliseconds; undefined when it is none, or lies outside the years that it can be written in. */
export function fromTime(text: string): number | undefined {
  const [, day] = RFC3339.exec(text) ?? []
  if (day === undefined) return undefined
  const midnight = Date.parse(`${day}T00:00:00Z`)
  // Date takes the 30th of February for the 2nd of March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) || ms < -62_167_219_200_000 || ms > LATEST ? undefined : ms
}

/** A value as it is kept in a text column. */
export function toJson(value: unknown): string {
  return JSON.stringify(value)
}

/** A value read from a text column that only `toJson` writes; its shape is the writer's. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text) as T
}

export function toBool(bit: number): boolean {
  return bit !== 0
}

export function fromBool(value: boolean): number {
  return value ? 1 : 0
}

/** Folds an e-mail address for comparison: our own rule, the same on every database. */
export function foldEmail(address: string): string {
  return address.normalize('NFC').trim().toLowerCase()
}
