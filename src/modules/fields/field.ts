import { createHash } from 'node:crypto'
import { fromTime } from '../../platform/codecs.ts'
import { isId } from '../../platform/ids.ts'

export const fieldTypes = ['text', 'number', 'boolean', 'date', 'choice', 'multi_choice', 'user', 'organization'] as const
export type FieldType = (typeof fieldTypes)[number]

export const requirements = ['never', 'create', 'solve'] as const
export type Required = (typeof requirements)[number]

export const requesterAccesses = ['none', 'read', 'write'] as const
export type RequesterAccess = (typeof requesterAccesses)[number]

export interface Option {
  value: string
  label: string
  /** Out of use: tickets that have it keep it, no other gets it. */
  archived: boolean
}

/** A value of a ticket, as the wire shows it. */
export type FieldValue = string | number | boolean | string[]
/** The values of a ticket by the keys of their fields; only those that it has. */
export type FieldValues = Readonly<Record<string, FieldValue>>

/** What a field is, as rules look at it. */
export interface Definition {
  id: string
  key: string
  type: FieldType
  options: readonly Option[]
  default: FieldValue | null
  required: Required
  requester_access: RequesterAccess
  type_ids: readonly string[]
  max_length: number | null
  minimum: number | null
  maximum: number | null
  is_archived: boolean
}

/** All fields, in their order; those in use also by key, and those of them that requesters may read. */
export interface Definitions {
  all: readonly Definition[]
  in_use: ReadonlyMap<string, Definition>
  readable: ReadonlyMap<string, Definition>
}

export const MOST_FIELDS = 200
export const LONGEST_TEXT = 1000

/** The definitions by what they are asked for. */
export function definitionsIn(all: readonly Definition[]): Definitions {
  const inUse = all.filter(({ is_archived }) => !is_archived)
  return {
    all,
    in_use: new Map(inUse.map((field) => [field.key, field])),
    readable: new Map(inUse.filter(isReadable).map((field) => [field.key, field])),
  }
}

/** Whether requesters see a field of tickets that they see. */
export function isReadable({ requester_access }: Pick<Definition, 'requester_access'>): boolean {
  return requester_access !== 'none'
}

/** Whether a ticket of this type may have a field: those that name no type are for all. */
export function appliesTo({ type_ids }: Pick<Definition, 'type_ids'>, type_id: string | null): boolean {
  return type_ids.length === 0 || (type_id !== null && type_ids.includes(type_id))
}

/** The keys of the fields that a ticket must have before it is solved or closed, and has not. */
export function missingForSolve(definitions: Definitions, values: FieldValues, type_id: string | null): string[] {
  return [...definitions.in_use.values()]
    .filter((field) => field.required === 'solve' && appliesTo(field, type_id) && !Object.hasOwn(values, field.key))
    .map(({ key }) => key)
}

/** Why something cannot be a value. */
export interface Fault {
  code: string
  detail: string
}

const fault = (code: string, detail: string): { fault: Fault } => ({ fault: { code, detail } })

/**
 * A value as it is kept, or why it cannot be one. Whether the person or organization that it names is there is another question.
 */
export function readValue(field: Omit<Definition, 'default'>, given: unknown): { value: FieldValue } | { fault: Fault } {
  switch (field.type) {
    case 'text':
      return readText(field, given)
    case 'number':
      return readNumber(field, given)
    case 'boolean':
      return typeof given === 'boolean' ? { value: given } : fault('wrong_type', 'must be boolean')
    case 'date':
      if (typeof given !== 'string') return fault('wrong_type', 'must be a date as text, YYYY-MM-DD')
      return daysOf(given) === undefined ? fault('invalid', 'must be a day of the calendar, YYYY-MM-DD') : { value: given }
    case 'choice':
      if (typeof given !== 'string') return fault('wrong_type', 'must be the value of an option')
      return optionsInUse(field).includes(given) ? { value: given } : notAllowed(field)
    case 'multi_choice':
      return readChoices(field, given)
    case 'user':
      return typeof given === 'string' && isId('usr', given) ? { value: given } : fault('wrong_type', 'must be the id of a user')
    case 'organization':
      return typeof given === 'string' && isId('org', given)
        ? { value: given }
        : fault('wrong_type', 'must be the id of an organization')
  }
}

function readText({ max_length }: Pick<Definition, 'max_length'>, given: unknown): { value: FieldValue } | { fault: Fault } {
  if (typeof given !== 'string') return fault('wrong_type', 'must be text')
  const value = given.trim()
  if (value === '') return fault('too_short', 'must have something to see in it')
  if (/\p{Cc}/u.test(value)) return fault('invalid', 'must be on one line, without control characters')
  const longest = max_length ?? LONGEST_TEXT
  // Two units for each character at most.
  if (value.length > 2 * longest || [...value].length > longest)
    return fault('too_long', `must have at most ${longest} characters`)
  return { value }
}

function readNumber(
  { minimum, maximum }: Pick<Definition, 'minimum' | 'maximum'>,
  given: unknown,
): { value: FieldValue } | { fault: Fault } {
  if (typeof given !== 'number' || !Number.isFinite(given)) return fault('wrong_type', 'must be a number')
  if (minimum !== null && given < minimum) return fault('too_small', `must be at least ${minimum}`)
  if (maximum !== null && given > maximum) return fault('too_large', `must be at most ${maximum}`)
  // There is one zero.
  return { value: given === 0 ? 0 : given }
}

function readChoices(field: Pick<Definition, 'options'>, given: unknown): { value: FieldValue } | { fault: Fault } {
  if (!Array.isArray(given)) return fault('wrong_type', 'must be a list of values of options')
  const inUse = optionsInUse(field)
  if (!given.every((one) => inUse.includes(one))) return notAllowed(field)
  return { value: inUse.filter((value) => given.includes(value)) }
}

function optionsInUse({ options }: Pick<Definition, 'options'>): string[] {
  return options.filter(({ archived }) => !archived).map(({ value }) => value)
}

function notAllowed(field: Pick<Definition, 'options'>): { fault: Fault } {
  return fault('not_allowed', `must be one of ${optionsInUse(field).slice(0, 20).join(', ')}`)
}

const DAY_MS = 86_400_000

/** A day of the calendar, YYYY-MM-DD, as days since 1970; undefined where there is no such day. */
export function daysOf(text: string): number | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? fromTime(`${text}T00:00:00Z`) : undefined
  return ms === undefined ? undefined : ms / DAY_MS
}

/** How values are compared and sorted: by text or by number. */
export type KeyColumn = 'text_value' | 'number_value'

export function keyColumn(type: FieldType): KeyColumn {
  return type === 'number' || type === 'boolean' || type === 'date' ? 'number_value' : 'text_value'
}

/** A value as it is compared: each choice by itself. */
export function keysOf(type: FieldType, value: FieldValue): (string | number)[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'boolean') return [value ? 1 : 0]
  if (type === 'date') return [daysOf(String(value)) ?? 0]
  return [type === 'text' ? textKey(String(value)) : value]
}

const KEY_WHOLE = 250
const KEY_START = 200

/** A text as it is compared: whatever its letter case; what is very long by its beginning, and beyond that by its digest. */
export function textKey(text: string): string {
  const folded = text.normalize('NFC').trim().toLowerCase()
  const letters = [...folded]
  if (letters.length <= KEY_WHOLE) return folded
  return `${letters.slice(0, KEY_START).join('')}~${createHash('sha256').update(folded).digest('hex').slice(0, 32)}`
}

const NUMBER = /^-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/

/** What a filter looks for, as values are compared; undefined where no value of this field can be so. */
export function filterKey(type: FieldType, text: string): string | number | undefined {
  switch (type) {
    case 'text':
      return textKey(text)
    case 'number': {
      const number = NUMBER.test(text) ? Number(text) : Number.NaN
      return Number.isFinite(number) ? number : undefined
    }
    case 'boolean':
      return text === 'true' ? 1 : text === 'false' ? 0 : undefined
    case 'date':
      return daysOf(text)
    case 'choice':
    case 'multi_choice':
      return OPTION_VALUE.test(text) ? text : undefined
    case 'user':
      return isId('usr', text) ? text : undefined
    case 'organization':
      return isId('org', text) ? text : undefined
  }
}

/** The form of an option's value. */
export const OPTION_VALUE = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** Whether lists are sorted by a field: by those of which a ticket has one value that means an order. */
export function isSortable(type: FieldType): boolean {
  return type !== 'multi_choice' && type !== 'user' && type !== 'organization'
}

/** Whether values of a field lie between others. */
export function isRanged(type: FieldType): boolean {
  return type === 'number' || type === 'date'
}

/** The values that a side is shown: of fields in use; on the public side of those that requesters may read. */
export function shownValues(values: FieldValues, fields: ReadonlyMap<string, Definition>): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => fields.has(key)))
}
