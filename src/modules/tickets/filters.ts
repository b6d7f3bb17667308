import { type RawBuilder, sql } from 'kysely'
import { type Actor, isStaff } from '../../platform/actor.ts'
import { fromTime } from '../../platform/codecs.ts'
import { withoutIndex } from '../../platform/database/dialect.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { searchCondition, searchTerms } from '../../platform/database/search.ts'
import { invalidParameter } from '../../platform/http/validate.ts'
import { nearest } from '../../platform/nearest.ts'
import { STATUS_KEY, statusCategories, type Workflow } from '../workflow/index.ts'
import {
  type FieldFilters,
  type FieldTerm,
  fieldCondition,
  fieldFilterOfQuery,
  fieldShape,
  fieldTerms,
  type Searchable,
} from './field-filters.ts'
import { foldTag, type Priority, priorities, priorityRank, type View } from './ticket.ts'

const TIMES = ['created_at', 'updated_at', 'due_at'] as const
type TimeColumn = (typeof TIMES)[number]
type Bound = 'gt' | 'gte' | 'lt' | 'lte'

/** The flat filters of a list, as the query gave them. */
export type TicketFilters = Partial<Record<(typeof FIELDS)[number], string[]>> &
  Partial<Record<`${TimeColumn}[${Bound}]`, string>> & { q?: string } & FieldFilters

const FIELDS = [
  'status',
  'status_category',
  'priority',
  'queue_id',
  'category_id',
  'assignee_id',
  'requester_id',
  'organization_id',
  'type_id',
  'tag',
] as const
type Field = (typeof FIELDS)[number]

/** One condition of a list, as data: its text depends on its shape alone, and its values are bound when it runs. */
export type Term =
  /** `first`: of several values, the place of the only one that is meant, see branchesOf. */
  | { kind: 'is'; field: Exclude<Field, 'tag' | 'status'>; values: (string | number)[]; orNone: boolean; first?: number }
  | { kind: 'tag'; values: string[] }
  /** `isSideless` when each of the names means the same statuses on both sides. */
  | { kind: 'status'; values: string[]; isSideless: boolean }
  | { kind: 'time'; column: TimeColumn; sign: string; values: [number] }
  | FieldTerm
  | { kind: 'word'; values: [string] }
  | { kind: 'nothing'; values: [] }

/** What filters are read by: who asks, and the custom fields that he may ask for. */
export interface Known {
  actor: Actor
  searchable: Searchable
  /** What the statuses are called. */
  workflow: Workflow
}

/** The conditions of a list: different ones are AND, the values of one are OR. */
export function termsOf(filters: TicketFilters, known: Known): Term[] {
  const { words, flat } = splitQuery(filters.q, known)
  return [...[filters, ...flat].flatMap((one) => flatTerms(one, known)), ...words]
}

/** What the text of a list's statement depends on. */
export function shapeOf(terms: readonly Term[]): string {
  return terms
    .map((term) => {
      return `${term.kind} ${detailOf(term)} ${term.values.length}`
    })
    .join()
}

function detailOf(term: Term): string {
  switch (term.kind) {
    case 'is':
      return `${term.field}${term.orNone ? '?' : ''}`
    case 'time':
      return `${term.column}${term.sign}`
    case 'field':
      return fieldShape(term)
    case 'status':
      // One that means another thing to requesters makes other statements, see areSideless.
      return term.isSideless ? '' : 'sided'
    default:
      return ''
  }
}

/** The values by the names of their slots. */
export function valuesOf(terms: readonly Term[]): Record<string, unknown> {
  return Object.fromEntries(terms.flatMap(({ values }, i) => values.map((value, j) => [slotName(i, j), value])))
}

function slotName(term: number, value: number): string {
  return `term_${term}_${value}`
}

/** Whether a side shows what all the conditions ask for; where it does not, no row of it matches. */
export function shows(view: View, terms: readonly Term[]): boolean {
  return view === 'staff' || !terms.some(isStaffOnly)
}

/** Whether the conditions mean the same on both sides. */
export function areSideless(terms: readonly Term[]): boolean {
  return terms.every(
    (term) =>
      !isStaffOnly(term) &&
      term.kind !== 'word' &&
      !(term.kind === 'status' && !term.isSideless) &&
      !(term.kind === 'field' && !term.isReadable) &&
      !(term.kind === 'time' && term.column === 'updated_at'),
  )
}

/** Whether staff's count starts from the tickets that meet one of the conditions, which names them. */
export function nameTickets(terms: readonly Term[]): boolean {
  return terms.some((term) => term.kind === 'tag' || term.kind === 'word' || (term.kind === 'field' && term.isSelective))
}

/**
 * The conditions as a side knows them. For a count there is no order that an index should carry, so any of them may choose it;
 * unless it starts from tickets that are `named` by something else.
 */
export function conditionsOn(
  view: View,
  {
    db,
    terms,
    slots,
    order = 'kept',
  }: { db: Reader; terms: readonly Term[]; slots: Readonly<Record<string, unknown>>; order?: 'kept' | 'none' | 'named' },
): RawBuilder<boolean>[] {
  const carrier = order === 'named' ? undefined : indexCarrier(view, terms)
  const isFree = order === 'none' && view === 'staff'
  return terms.map((term, i) => {
    const first = term.kind === 'is' ? (term.first ?? 0) : 0
    const values = term.values.map((_, j) => slots[slotName(i, first + j)])
    return conditionOf(term, { db, view, values, carriesIndex: isFree || term === carrier })
  })
}

/**
 * The conditions by way of each of several states: each way is a range of one index, in order. Left in one, a list of what is open,
 * the oldest first, walks over everything that was closed before it. One way where another index begins better.
 */
export function branchesOf(terms: readonly Term[]): Term[][] {
  const at = terms.findIndex((term) => term.kind === 'is' && term.field === 'status_category')
  const state = terms[at]
  if (state?.kind !== 'is' || state.values.length < 2 || indexCarrier('staff', terms)) return [[...terms]]
  return state.values.map((value, first) => terms.with(at, { ...state, values: [value], first }))
}

function conditionOf(
  term: Term,
  { db, view, values, carriesIndex }: { db: Reader; view: View; values: readonly unknown[]; carriesIndex: boolean },
): RawBuilder<boolean> {
  switch (term.kind) {
    case 'is': {
      const column = `tickets.${term.field}`
      return isOneOf(
        carriesIndex ? sql.ref(column) : withoutIndex(db, column, term.field === 'priority' ? 'number' : 'text'),
        term,
        values,
      )
    }
    case 'status': {
      const shown = view === 'staff' ? sql.ref('tickets.status') : sql`coalesce(tickets.public_status, tickets.status)`
      return sql<boolean>`${shown} in (${sql.join([...values])})`
    }
    case 'tag':
      return sql<boolean>`tickets.id in (select ticket_id from ticket_tags where tag in (${sql.join([...values])}))`
    case 'time':
      return sql<boolean>`${sql.ref(`tickets.${shownColumn(term.column, view)}`)} ${sql.raw(term.sign)} ${values[0]}`
    case 'field':
      return fieldCondition(term, { db, view, values })
    case 'word': {
      const classes = view === 'staff' ? ['public', 'internal'] : ['public']
      return searchCondition(db, 'ticket_search', { owner: sql`tickets.id`, term: values[0], classes })
    }
    case 'nothing':
      return sql<boolean>`1 = 0`
  }
}

/** The column that a side knows by this name: what a requester reads moves only with what he sees. */
export function shownColumn<C extends string>(column: C, view: View): C | 'public_updated_at' {
  return column === 'updated_at' && view === 'requester' ? 'public_updated_at' : column
}

const STAFF_ONLY: readonly Field[] = ['assignee_id', 'type_id']

function isStaffOnly(term: Term): boolean {
  if (term.kind === 'field') return !term.isReadable && !term.isAbsence
  if (term.kind === 'time') return term.column === 'due_at'
  return term.kind === 'tag' || (term.kind === 'is' && STAFF_ONLY.includes(term.field))
}

// Each of these has an index that also carries the order by creation; the most selective first.
const CARRIERS: readonly Field[] = ['requester_id', 'organization_id', 'assignee_id', 'category_id', 'status_category']

/**
 * The condition whose index the list is read by. A part of the public side has a better one of its own: by who raised the
 * ticket, or takes part. Left alone, a planner without statistics walks half the desk for a requester's three tickets.
 */
function indexCarrier(view: View, terms: readonly Term[]): Term | undefined {
  if (view === 'requester') return undefined
  // What so few tickets have is found by its own index.
  if (terms.some((term) => term.kind === 'field' && term.isSelective)) return undefined
  const single = terms.filter((term) => term.kind === 'is' && term.values.length === 1 && !term.orNone)
  for (const field of CARRIERS) {
    const found = single.find((term) => term.kind === 'is' && term.field === field)
    if (found) return found
  }
  return undefined
}

function isOneOf(
  column: RawBuilder<unknown>,
  { orNone }: Term & { kind: 'is' },
  values: readonly unknown[],
): RawBuilder<boolean> {
  const isNone = sql<boolean>`${column} is null`
  if (values.length === 0) return isNone
  const isGiven = values.length === 1 ? sql<boolean>`${column} = ${values[0]}` : sql<boolean>`${column} in (${sql.join(values)})`
  return orNone ? sql<boolean>`(${isGiven} or ${isNone})` : isGiven
}

const SIGNS: Record<Bound, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' }

function flatTerms(filters: TicketFilters, { actor, searchable, workflow }: Known): Term[] {
  const terms: Term[] = fieldTerms(filters, { actor, searchable })
  for (const field of FIELDS) {
    const given = filters[field]
    if (!given) continue
    if (field === 'tag') terms.push({ kind: 'tag', values: given.map(foldTag) })
    else if (field === 'status')
      terms.push(...statusTerms(given, { isAsked: filters.status_category !== undefined, actor, workflow }))
    else {
      const values = given.filter((value) => value !== 'none').map((value) => readValue(field, value, actor))
      terms.push({ kind: 'is', field, values, orNone: values.length < given.length })
    }
  }
  for (const column of TIMES)
    for (const [bound, sign] of Object.entries(SIGNS)) {
      const text = filters[`${column}[${bound as Bound}]`]
      if (text !== undefined) terms.push({ kind: 'time', column, sign, values: [fromTime(text) ?? 0] })
    }
  return terms
}

/** The statuses that were asked for; and, for its index, the categories in which these can be. */
function statusTerms(given: string[], { isAsked, actor, workflow }: Omit<Known, 'searchable'> & { isAsked: boolean }): Term[] {
  const known = isStaff(actor) ? workflow.staffStatuses : workflow.publicStatuses
  for (const key of given) {
    if (known.has(key)) continue
    const meant = nearest(key, [...known.keys()])
    throw invalidParameter('status', `has ${key.slice(0, 50)}, which is no status${meant ? `: did you mean ${meant}?` : ''}`)
  }
  const status: Term = { kind: 'status', values: given, isSideless: workflow.isSideless }
  if (isAsked) return [status]
  const categories = new Set(
    given.flatMap((key) => [...(workflow.staffStatuses.get(key) ?? []), ...(workflow.publicStatuses.get(key) ?? [])]),
  )
  return [status, { kind: 'is', field: 'status_category', values: [...categories].sort(), orNone: false }]
}

function readValue(field: Field, value: string, actor: Actor): string | number {
  // The schema, or the reader of `q`, lets only known priorities through.
  if (field === 'priority') return priorityRank(value as Priority)
  if (value === 'me' && (field === 'assignee_id' || field === 'requester_id')) return actor.id
  // Identifiers and keys are ASCII, and MariaDB refuses to compare them with anything else. Nothing has an empty one.
  return /^[\x20-\x7e]*$/.test(value) ? value : ''
}

/** `q` as words and flat filters: `printer status:open tag:vip`. Text without a single word finds nothing. */
function splitQuery(q: string | undefined, known: Known): { words: Term[]; flat: TicketFilters[] } {
  const bare: string[] = []
  const flat: TicketFilters[] = []
  for (const part of (q ?? '').split(/\s+/)) {
    const [, minus, name = '', operator, value = ''] = /^(-?)([a-z_]+(?:\.[a-z][a-z0-9_]*)?)([:<>]=?)(.*)$/.exec(part) ?? []
    if (operator === undefined) {
      if (part !== '') bare.push(part)
    } else if (minus === '' && operator === ':' && value !== '') flat.push(fieldFilter(name, value, known))
    // Taken as words today, these would change their meaning when the language comes.
    else throw invalidParameter('q', `does not know ${part.slice(0, 50)}; there are words, and field:value`)
  }
  const terms = searchTerms(bare.join(' '))
  if (terms.length === 0) return { words: bare.length === 0 ? [] : [{ kind: 'nothing', values: [] }], flat }
  return { words: terms.map((term) => ({ kind: 'word', values: [term] })), flat }
}

const idForm = (prefix: string, ...words: string[]): RegExp =>
  new RegExp(`^(${[...words, `${prefix}_[0-9a-hjkmnp-tv-z]{26}`].join('|')})$`)

/** What each field may be in `q`: as in the flat filters. */
const FORMS: Record<Field, RegExp> = {
  status: new RegExp(STATUS_KEY),
  status_category: new RegExp(`^(${statusCategories.join('|')})$`),
  priority: new RegExp(`^(${priorities.join('|')})$`),
  queue_id: idForm('que'),
  category_id: idForm('cat', 'none'),
  assignee_id: idForm('usr', 'me', 'none'),
  requester_id: idForm('usr', 'me'),
  organization_id: idForm('org', 'none'),
  type_id: idForm('typ', 'none'),
  tag: /^.{1,50}$/u,
}

function fieldFilter(name: string, value: string, searched: Known): TicketFilters {
  if (name.startsWith('fields.')) return fieldFilterOfQuery(name.slice('fields.'.length), value.split(','), searched)
  const field = FIELDS.find((known) => known === name)
  if (!field) {
    const meant = nearest(name, FIELDS)
    throw invalidParameter('q', `knows no field ${name}${meant ? `: did you mean ${meant}?` : '; write words without a colon'}`)
  }
  const values = value.split(',')
  const wrong = values.find((one) => !FORMS[field].test(one))
  if (wrong !== undefined) throw invalidParameter('q', `has ${field}:${wrong.slice(0, 50)}, which no ${field} can be`)
  return { [field]: values }
}
