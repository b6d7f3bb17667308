import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { fromTime } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { searchConditions } from '../../platform/database/search.ts'
import { invalidParameter } from '../../platform/http/validate.ts'
import { nearest } from '../../platform/nearest.ts'
import { foldTag, priorities, priorityRank, statusCategories, type View } from './ticket.ts'

/** The flat filters of a list, as the query gave them. */
export interface TicketFilters {
  status?: string[]
  status_category?: string[]
  priority?: string[]
  queue_id?: string[]
  category_id?: string[]
  assignee_id?: string[]
  requester_id?: string[]
  organization_id?: string[]
  tag?: string[]
  'created_at[gt]'?: string
  'created_at[gte]'?: string
  'created_at[lt]'?: string
  'created_at[lte]'?: string
  'updated_at[gt]'?: string
  'updated_at[gte]'?: string
  'updated_at[lt]'?: string
  'updated_at[lte]'?: string
  q?: string
}

/** One condition of a list. `on` gives it for a side; null where that side shows no such thing, and so no row matches. */
export interface Condition {
  on(view: View, db: Reader): RawBuilder<boolean> | null
}

const always = (where: RawBuilder<boolean>): Condition => ({ on: () => where })
const staffOnly = (where: RawBuilder<boolean>): Condition => ({ on: (view) => (view === 'staff' ? where : null) })

/** All conditions of a list: different filters are AND, the values of one are OR. */
export function conditionsOf(filters: TicketFilters, actor: Actor): Condition[] {
  const { words, flat } = splitQuery(filters.q)
  const conditions: Condition[] = []
  for (const one of [filters, ...flat]) conditions.push(...flatConditions(one, actor))
  if (words !== '') conditions.push(wordsCondition(words))
  return conditions
}

function flatConditions(filters: TicketFilters, actor: Actor): Condition[] {
  const conditions: Condition[] = []
  const oneOf = (column: string, values: readonly (string | number)[] | undefined): void => {
    if (values) conditions.push(always(oneOfOrNone(column, values)))
  }
  oneOf('status', filters.status)
  oneOf('status_category', filters.status_category)
  oneOf(
    'priority',
    // The schema, or the reader of `q`, lets only known priorities through.
    filters.priority?.map((name) => priorityRank(name as (typeof priorities)[number])),
  )
  oneOf('queue_id', filters.queue_id)
  oneOf('category_id', filters.category_id)
  oneOf(
    'requester_id',
    filters.requester_id?.map((id) => (id === 'me' ? actor.id : id)),
  )
  oneOf('organization_id', filters.organization_id)
  const { assignee_id, tag } = filters
  if (assignee_id) {
    const ids = assignee_id.map((id) => (id === 'me' ? actor.id : id))
    conditions.push(staffOnly(oneOfOrNone('assignee_id', ids)))
  }
  if (tag)
    conditions.push(
      staffOnly(sql<boolean>`tickets.id in (select ticket_id from ticket_tags where tag in (${sql.join(tag.map(foldTag))}))`),
    )
  for (const name of ['created_at', 'updated_at'] as const)
    for (const [operator, sign] of Object.entries(SIGNS)) {
      const text = filters[`${name}[${operator as keyof typeof SIGNS}]`]
      if (text !== undefined) conditions.push(timeCondition(name, sign, text))
    }
  return conditions
}

const SIGNS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

function oneOfOrNone(column: string, values: readonly (string | number)[]): RawBuilder<boolean> {
  const ref = sql.ref(`tickets.${column}`)
  const given = values.filter((value) => value !== 'none')
  const isNone = sql<boolean>`${ref} is null`
  if (given.length === 0) return isNone
  const isGiven = given.length === 1 ? sql<boolean>`${ref} = ${given[0]}` : sql<boolean>`${ref} in (${sql.join(given)})`
  return given.length === values.length ? isGiven : sql<boolean>`(${isGiven} or ${isNone})`
}

function timeCondition(name: 'created_at' | 'updated_at', sign: string, text: string): Condition {
  const ms = fromTime(text)
  if (ms === undefined) throw invalidParameter(name, 'is no RFC 3339 time')
  const on = (column: string): RawBuilder<boolean> => sql<boolean>`${sql.ref(`tickets.${column}`)} ${sql.raw(sign)} ${ms}`
  return { on: (view) => on(name === 'updated_at' && view === 'requester' ? 'public_updated_at' : name) }
}

/** Words over the subject and the messages that the side shows. */
function wordsCondition(words: string): Condition {
  return {
    on: (view, db) => {
      const classes = view === 'staff' ? ['public', 'internal'] : ['public']
      const conditions = searchConditions(db, 'ticket_search', { owner: sql`tickets.id`, text: words, classes })
      return conditions.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`(${sql.join(conditions, sql` and `)})`
    },
  }
}

const FIELDS = [
  'status',
  'status_category',
  'priority',
  'queue_id',
  'category_id',
  'assignee_id',
  'requester_id',
  'organization_id',
  'tag',
] as const

/** `q` as bare words and flat filters: `printer status:open tag:vip`. */
function splitQuery(q: string | undefined): { words: string; flat: TicketFilters[] } {
  const words: string[] = []
  const flat: TicketFilters[] = []
  for (const part of (q ?? '').split(/\s+/)) {
    const [, name, value] = /^([a-z_]+):(.+)$/.exec(part) ?? []
    if (name === undefined || value === undefined) {
      if (part !== '') words.push(part)
      continue
    }
    const field = FIELDS.find((known) => known === name)
    if (!field) {
      const meant = nearest(name, FIELDS)
      throw invalidParameter(
        'q',
        `knows no field ${name}${meant ? `: did you mean ${meant}?` : `; write the words without a colon`}`,
      )
    }
    flat.push({ [field]: checkedValues(field, value.split(',')) })
  }
  return { words: words.join(' '), flat }
}

function checkedValues(field: (typeof FIELDS)[number], values: string[]): string[] {
  const known: readonly string[] | undefined =
    field === 'priority' ? priorities : field === 'status_category' ? statusCategories : undefined
  const wrong = known && values.find((value) => !known.includes(value))
  if (wrong !== undefined)
    throw invalidParameter('q', `has ${field}:${wrong.slice(0, 50)}, which is none of ${known?.join(', ')}`)
  return values
}
