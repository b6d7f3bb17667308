import { isCleanText } from '../text.ts'

/** Why a body is refused. */
export type JsonFault = 'malformed_json' | 'duplicate_key' | 'too_deep' | 'forbidden_key' | 'bad_number' | 'bad_text'

/** A body that is not JSON, or JSON that two readers would understand differently. `pointer` is RFC 6901. */
export class JsonError extends Error {
  readonly code: JsonFault
  readonly detail: string
  readonly pointer: string | undefined

  constructor(code: JsonFault, detail: string, pointer?: string) {
    super(detail)
    this.name = 'JsonError'
    this.code = code
    this.detail = detail
    this.pointer = pointer
  }
}

/**
 * Reads a request body strictly (RFC 8259; of its SHOULDs: names are unique, numbers are ones that every reader holds exactly).
 * Throws only `JsonError`, for the first fault in reading order. Depth counts arrays and objects: `[]` is 1 deep.
 */
export function parseJson(text: string, { maxDepth = 32 }: { maxDepth?: number } = {}): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new FaultFinder(text, maxDepth).find()
  }
  // Without \u escapes a well-formed text holds only clean strings: JSON.parse refuses a bare NUL.
  const isTextSuspect = text.includes('\\u') || !text.isWellFormed()
  // A second member of the same name is lost in the value together with at least its name, so the numbers of strings differ.
  if (countCleanStrings(value, maxDepth, isTextSuspect) !== countStringsIn(text)) throw new FaultFinder(text, maxDepth).find()
  return value
}

/** How many strings a value holds, names of members included; NaN when anything in it is forbidden. */
function countCleanStrings(value: unknown, depthLeft: number, isTextSuspect: boolean): number {
  if (typeof value === 'string') return isTextSuspect && !isCleanText(value) ? Number.NaN : 1
  if (typeof value === 'number') return isExact(value) ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  if (depthLeft === 0) return Number.NaN

  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += countCleanStrings(item, depthLeft - 1, isTextSuspect)
    return count
  }
  for (const key in value) {
    const member: unknown = value[key as keyof typeof value] // a plain object out of JSON.parse
    if (isForbiddenMember(key, member) || (isTextSuspect && !isCleanText(key))) return Number.NaN
    count += 1 + countCleanStrings(member, depthLeft - 1, isTextSuspect)
  }
  return count
}

/** How many strings stand in a text that is known to be JSON: half as many as it has quotes that are not escaped. */
function countStringsIn(text: string): number {
  let quotes = 0
  if (text.length > 1024) {
    // Hopping from quote to quote pays off where the strings are long.
    for (let i = text.indexOf('"'); i !== -1; i = text.indexOf('"', i + 1)) if (!isEscaped(text, i)) quotes++
    return quotes / 2
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) quotes++
    else if (code === 0x5c) i++
  }
  return quotes / 2
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
  return backslashes % 2 === 1
}

/** Above 2^53 - 1 neighbouring whole numbers become one; 1e400 becomes Infinity. */
function isExact(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER
}

/** The two ways to reach a prototype by merging a body into an object. */
function isForbiddenMember(key: string, member: unknown): boolean {
  if (key === '__proto__') return true
  return key === 'constructor' && typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype')
}

/**
 * Finds the first fault of a text that `parseJson` refused. It knows the whole grammar, reads in order, and goes no deeper
 * than the limit, so it is only as recursive as that.
 */
class FaultFinder {
  readonly #text: string
  readonly #maxDepth: number
  readonly #path: (string | number)[] = []
  #at = 0

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  find(): JsonError {
    try {
      this.#readValue()
      this.#skipSpace()
      if (this.#at < this.#text.length) return this.#unexpected()
    } catch (error) {
      if (error instanceof JsonError) return error
      throw error
    }
    return new JsonError('malformed_json', 'This is not JSON.')
  }

  #readValue(): unknown {
    this.#skipSpace()
    const first = this.#text[this.#at]
    if (first === '{') return this.#readObject()
    if (first === '[') return this.#readArray()
    if (first === '"') return this.#readString('value')
    return this.#readWord()
  }

  /** Returns the names of its members, which is what tells a forbidden `constructor`. */
  #readObject(): Set<string> {
    this.#open()
    const names = new Set<string>()
    if (this.#takes('}')) return names
    do {
      this.#skipSpace()
      if (this.#text[this.#at] !== '"') throw this.#unexpected()
      const name = this.#readString('name')
      this.#path.push(name)
      if (names.has(name)) throw this.#fault('duplicate_key', 'This name stands twice in the same object.')
      if (name === '__proto__') throw this.#fault('forbidden_key', 'This name is not allowed.')
      names.add(name)
      if (!this.#takes(':')) throw this.#unexpected()
      const member = this.#readValue()
      if (name === 'constructor' && member instanceof Set && member.has('prototype')) {
        throw this.#fault('forbidden_key', 'This name is not allowed with a member "prototype".')
      }
      this.#path.pop()
    } while (this.#takes(','))
    if (!this.#takes('}')) throw this.#unexpected()
    return names
  }

  #readArray(): void {
    this.#open()
    if (this.#takes(']')) return
    let index = 0
    do {
      this.#path.push(index++)
      this.#readValue()
      this.#path.pop()
    } while (this.#takes(','))
    if (!this.#takes(']')) throw this.#unexpected()
  }

  #open(): void {
    if (this.#path.length >= this.#maxDepth) {
      throw this.#fault('too_deep', `Arrays and objects may be nested ${this.#maxDepth} deep at most.`)
    }
    this.#at++
  }

  #readString(role: 'name' | 'value'): string {
    const start = this.#at
    let end = start + 1
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    if (end >= this.#text.length) {
      this.#at = this.#text.length
      throw this.#unexpected()
    }
    const string = this.#parseToken(start, end + 1)
    if (typeof string !== 'string') throw this.#unexpected()
    if (!isCleanText(string)) {
      const what = role === 'name' ? 'A name in this object' : 'This text'
      throw this.#fault('bad_text', `${what} has a NUL or half of a surrogate pair.`)
    }
    return string
  }

  /** A number, true, false or null: all that stands up to the next mark or space. */
  #readWord(): unknown {
    const start = this.#at
    let end = start
    while (end < this.#text.length && !' \t\n\r,:[]{}"'.includes(this.#text.charAt(end))) end++
    const value = this.#parseToken(start, end)
    if (typeof value === 'number' && !isExact(value)) {
      throw this.#fault(
        'bad_number',
        'Numbers may lie between -9007199254740991 and 9007199254740991. Send a longer one as a string.',
      )
    }
    return value
  }

  #parseToken(start: number, end: number): unknown {
    try {
      const value: unknown = JSON.parse(this.#text.slice(start, end))
      this.#at = end
      return value
    } catch {
      throw this.#unexpected()
    }
  }

  #takes(mark: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== mark) return false
    this.#at++
    return true
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && ' \t\n\r'.includes(this.#text.charAt(this.#at))) this.#at++
  }

  #unexpected(): JsonError {
    if (this.#text.trim() === '') return new JsonError('malformed_json', 'The body is empty: send JSON.')
    if (this.#at >= this.#text.length) return new JsonError('malformed_json', 'This is not JSON: it ends too early.')
    const before = this.#text.slice(0, this.#at).split('\n')
    const column = (before.at(-1) ?? '').length + 1
    return new JsonError('malformed_json', `This is not JSON: see line ${before.length}, column ${column}.`)
  }

  #fault(code: JsonFault, detail: string): JsonError {
    const pointer = this.#path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
    // A pointer is for people to find the place; a megabyte of it would only echo the body.
    return new JsonError(code, detail, pointer.length <= 1000 ? pointer : undefined)
  }
}
