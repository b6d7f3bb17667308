import { type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { byIndex, hasRow, limitTo, withoutIndex } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { invalidParameter, unknownParameter } from '../../platform/http/validate.ts'
import { nearest } from '../../platform/nearest.ts'
import type { Problem } from '../../platform/problems.ts'
import { type Definition, FIELD_KEY, filterKey, isRanged, isReadable, type KeyColumn, keyColumn } from '../fields/index.ts'
import type { View } from './ticket.ts'

/** The filters on custom fields, `fields[severity]=high,low` and `fields[amount][gte]=10`, as the query gave them. */
export interface FieldFilters {
  [name: `fields[${string}]`]: string[] | string | undefined
}

/** The fields that a caller may filter by, by their keys: one that he may not read is one that there is not. */
export type Searchable = ReadonlyMap<string, Definition>

/** A condition on a custom field. Its first value is the field's id, so that all fields share their statements. */
export interface FieldTerm {
  kind: 'field'
  column: KeyColumn
  /** `=` with any number of values, none of them for only `orNone`; or bounds, each with its value. */
  signs: readonly ('=' | '>' | '>=' | '<' | '<=')[]
  values: (string | number)[]
  orNone: boolean
  isReadable: boolean
  /** Whether it asks for tickets that show no value, for whatever reason. */
  isAbsence: boolean
  /** Whether so few tickets match that the list starts from them. */
  isSelective: boolean
}

const SIGNS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const
const NAME = new RegExp(`^fields\\[(${FIELD_KEY})\\](?:\\[(gt|gte|lt|lte)\\])?$`)

/** The conditions on custom fields that filters ask for. */
export function fieldTerms(filters: FieldFilters, { actor, searchable }: { actor: Actor; searchable: Searchable }): FieldTerm[] {
  const terms: FieldTerm[] = []
  const ranges = new Map<Definition, FieldTerm>()
  for (const [name, given] of Object.entries(filters)) {
    const [, key, bound] = NAME.exec(name) ?? []
    if (key === undefined || given === undefined) continue
    const field = searchable.get(key)
    if (!field) throw unknownField(name, { key, searchable })
    if (bound === undefined) {
      const values = [given].flat()
      const term = termOn(field, ['='])
      for (const value of values) {
        if (value === 'none') term.orNone = true
        else term.values.push(readKey(field, value, { actor, name }))
      }
      terms.push(term)
      continue
    }
    if (!isRanged(field.type)) throw invalidParameter(name, `is about a ${field.type}, which has no bounds`)
    let range = ranges.get(field)
    if (!range) {
      range = termOn(field, [])
      ranges.set(field, range)
      terms.push(range)
    }
    range.signs = [...range.signs, SIGNS[bound as keyof typeof SIGNS]]
    range.values.push(readKey(field, String(given), { actor, name }))
  }
  return terms
}

function unknownField(name: string, { key, searchable }: { key: string; searchable: Searchable }): Problem {
  const meant = nearest(key, searchable.keys())
  return unknownParameter(name, meant === undefined ? [] : [name.replace(key, meant)])
}

function termOn(field: Definition, signs: FieldTerm['signs']): FieldTerm {
  const { id, type } = field
  return {
    kind: 'field',
    column: keyColumn(type),
    signs,
    values: [id],
    orNone: false,
    isReadable: isReadable(field),
    isAbsence: false,
    isSelective: false,
  }
}

function readKey(field: Definition, value: string, { actor, name }: { actor: Actor; name: string }): string | number {
  const key = fieldKey(field, value, actor)
  if (key === undefined) throw invalidParameter(name, `has ${value.slice(0, 50)}, which no ${field.type} can be`)
  return key
}

function fieldKey(field: Definition, value: string, actor: Actor): string | number | undefined {
  return value === 'me' && field.type === 'user' ? actor.id : filterKey(field.type, value)
}

/** `fields.severity:high` of `q` as a filter. */
export function fieldFilterOfQuery(
  key: string,
  values: string[],
  { actor, searchable }: { actor: Actor; searchable: Searchable },
): FieldFilters {
  const field = searchable.get(key)
  if (!field) {
    const meant = nearest(key, searchable.keys())
    throw invalidParameter('q', `knows no field fields.${key}${meant ? `: did you mean fields.${meant}?` : ''}`)
  }
  const wrong = values.find((value) => value !== 'none' && fieldKey(field, value, actor) === undefined)
  if (wrong !== undefined) throw invalidParameter('q', `has fields.${key}:${wrong.slice(0, 50)}, which no ${field.type} can be`)
  return { [`fields[${key}]`]: values }
}

/** What the text of a condition depends on, and which sides it is about. */
export function fieldShape({ column, signs, orNone, isAbsence, isReadable, isSelective }: FieldTerm): string {
  return `${column} ${signs.join(' ')} ${[orNone, isAbsence, isReadable, isSelective].map(Number).join('')}`
}

/** The condition on a ticket. `values` are the slots of the term's values. */
export function fieldCondition(
  term: FieldTerm,
  { db, view, values: [field_id, ...keys] }: { db: Reader; view: View; values: readonly unknown[] },
): RawBuilder<boolean> {
  if (term.isAbsence && !term.isReadable && view === 'requester') return sql<boolean>`1 = 1`
  const ofTicket = sql<boolean>`ticket_id = tickets.id and ${withoutIndex(db, 'field_id')} = ${field_id}`
  const isNone = sql<boolean>`not ${hasRow(db, 'ticket_field_values', ofTicket)}`
  if (keys.length === 0) return isNone
  if (term.isSelective && view === 'staff') {
    const matches = keyCondition(term, { column: sql.ref(term.column), keys })
    return sql<boolean>`tickets.id in (select ticket_id from ${valuesBy(db, term.column)} where field_id = ${field_id} and ${matches})`
  }
  const matches = keyCondition(term, { column: withoutIndex(db, term.column), keys })
  const isGiven = hasRow(db, 'ticket_field_values', sql<boolean>`${ofTicket} and ${matches}`)
  return term.orNone ? sql<boolean>`(${isGiven} or ${isNone})` : isGiven
}

function keyCondition(
  { signs }: Pick<FieldTerm, 'signs'>,
  { column, keys }: { column: RawBuilder<unknown>; keys: readonly unknown[] },
): RawBuilder<boolean> {
  if (signs[0] === '=')
    return keys.length === 1 ? sql<boolean>`${column} = ${keys[0]}` : sql<boolean>`${column} in (${sql.join([...keys])})`
  return sql<boolean>`${sql.join(
    signs.map((sign, i) => sql`${column} ${sql.raw(sign)} ${keys[i]}`),
    sql` and `,
  )}`
}

const FEW = 500

/** The values along the index of this column. */
function valuesBy(db: Reader, column: KeyColumn): RawBuilder<unknown> {
  return byIndex(db, 'ticket_field_values', column === 'text_value' ? 'text' : 'number')
}

/** Counts a few entries of an index, to know whether there are more. */
const firstMatches = prepare<Record<string, unknown> & { limit: number }, ReturnType<typeof someMatches>>((db, slots, shape) => {
  const [column, signs = '', count = ''] = shape.split('|')
  const keys = Array.from({ length: Number(count) }, (_, i) => slots[`key_${i}`])
  // As markSelective wrote it.
  const term = { column: column as KeyColumn, signs: signs.split(' ') as unknown as FieldTerm['signs'] }
  return someMatches(db, { term, keys, field_id: slots.field_id, limit: slots.limit })
})

function someMatches(
  db: Reader,
  {
    term,
    keys,
    field_id,
    limit,
  }: { term: Pick<FieldTerm, 'column' | 'signs'>; keys: unknown[]; field_id: unknown; limit: number },
): { compile: () => CompiledQuery<{ total: number }> } {
  const matches = keyCondition(term, { column: sql.ref(term.column), keys })
  const first = sql`select ticket_id from ${valuesBy(db, term.column)} where field_id = ${field_id} and ${matches} limit ${limitTo(db, limit)}`
  return { compile: () => sql<{ total: number }>`select count(*) as total from (${first}) as first_matches`.compile(db) }
}

/**
 * Marks a condition on a field that so few tickets meet that a list should start from them, by a look at the index. Planners do
 * not know that: one has no statistics, the others do not see how soon a list in order is full.
 */
export async function markSelective(db: Reader, terms: readonly { kind: string }[]): Promise<void> {
  for (const term of terms.filter(canLead)) {
    const [field_id, ...keys] = term.values
    const slots = Object.fromEntries(keys.map((key, i) => [`key_${i}`, key]))
    const shape = `${term.column}|${term.signs.join(' ')}|${keys.length}`
    const [found] = await firstMatches(db, { ...slots, field_id, limit: FEW + 1 }, shape)
    if (Number(found?.total) > FEW) continue
    term.isSelective = true
    return
  }
}

/** Marks a condition on a field, if there is one: a count looks at all that match, and has no order to keep. */
export function markForCount(terms: readonly { kind: string }[]): void {
  const [first] = terms.filter(canLead)
  if (first) first.isSelective = true
}

/** Whether a list can start from the tickets that meet a condition on a field: not from those without a value. */
function canLead(term: { kind: string }): term is FieldTerm {
  return isFieldTerm(term) && !term.orNone && term.values.length > 1
}

function isFieldTerm(term: { kind: string }): term is FieldTerm {
  return term.kind === 'field'
}
