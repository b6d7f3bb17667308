import { type Compilable, type RawBuilder, sql } from 'kysely'
import { type Actor, isStaff } from '../../platform/actor.ts'
import { engineOf } from '../../platform/database/connection.ts'
import { concatRows, limitTo, unindexed } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Place } from '../../platform/http/cursor.ts'
import { type Definition, type Definitions, definitionsOf, searchableFields } from '../fields/index.ts'
import { knowsStatus, lifecycleOf, workflowOf } from '../workflow/index.ts'
import { markForCount, markSelective } from './field-filters.ts'
import {
  areSideless,
  branchesOf,
  conditionsOn,
  nameTickets,
  shapeOf,
  shownColumn,
  shows,
  type Term,
  type TicketFilters,
  termsOf,
  valuesOf,
} from './filters.ts'
import { absenceOf, type FieldSort, fieldOfSort, listWithValue, placeByCreation, placeWithout } from './list-by-field.ts'
import type { ShownTicket } from './present.ts'
import type { View } from './ticket.ts'
import { disjointArms, scopeShape, scopeValues, seesAnySide, seesStaffSide, visibleArms } from './visibility.ts'

type ColumnSort = `${'' | '-'}${'created_at' | 'updated_at' | 'priority' | 'number'}`
export type Sort = ColumnSort | FieldSort

interface TicketPage {
  filters: TicketFilters
  sort: Sort
  after: Place | undefined
  limit: number
}

const listedColumns = [
  ...([
    'tickets.id',
    'tickets.number',
    'tickets.subject',
    'tickets.status',
    'tickets.status_category',
    'tickets.priority',
    'tickets.public_status',
    'tickets.lifecycle_id',
  ] as const),
  ...(['tickets.queue_id', 'tickets.category_id', 'tickets.requester_id', 'tickets.organization_id'] as const),
  ...([
    'tickets.assignee_id',
    'tickets.due_at',
    'tickets.tags',
    'tickets.channel',
    'tickets.external_id',
    'tickets.metadata',
  ] as const),
  ...(['tickets.type_id', 'tickets.fields', 'tickets.merged_into_id'] as const),
  ...(['tickets.follow_up_of_id', 'tickets.pending_until', 'tickets.first_response_at', 'tickets.solved_at'] as const),
  ...(['tickets.closed_at', 'tickets.last_message_at', 'tickets.public_last_message_at', 'tickets.message_count'] as const),
  ...(['tickets.public_message_count', 'tickets.version', 'tickets.public_version', 'tickets.created_at'] as const),
  ...(['tickets.updated_at', 'tickets.public_updated_at'] as const),
] as const

type Values = Record<string, unknown>
/** A statement that is built once per shape of a list: kind of actor, conditions, order, and whether it goes on from a place. */
type Statement = (db: Reader, values: Values) => Promise<Listed[]>

/** A ticket in a list; `place` is where it stands in an order by a custom field. */
export type ListedTicket = ShownTicket & { place?: string | number }

/** The value by which a ticket stands in its list, as its side sees it. */
export function sortKey(ticket: ListedTicket, sort: Sort): string | number {
  // Without a place the order is by a column.
  return ticket.place ?? columnKey(ticket, sort as ColumnSort)
}

function columnKey(ticket: ShownTicket, sort: ColumnSort): number {
  return ticket[shownColumn(sortColumn(sort), ticket.view)]
}

function sortColumn(sort: ColumnSort): 'created_at' | 'updated_at' | 'priority' | 'number' {
  return sort.replace('-', '') as 'created_at' | 'updated_at' | 'priority' | 'number'
}

const prepared = new Map<string, Statement>()
const SHAPES_KEPT = 1000

/**
 * The tickets that an actor sees and that match, one more than `limit`, in order. Each way of seeing tickets is a part of the
 * statement, read by an index of its own, and the few rows of each are merged.
 */
export async function listTickets(db: Reader, actor: Actor, page: TicketPage): Promise<ListedTicket[]> {
  const definitions = await definitionsOf(db)
  const searchable = searchableFields(definitions, actor)
  const workflow = await workflowOf(db)
  const terms = termsOf(page.filters, { actor, searchable, workflow })
  // What is seen from the public side starts from whose it is.
  if (isStaff(actor)) await markSelective(db, terms)
  const { sort, after, limit } = page
  const field = fieldOfSort(sort, searchable)
  // Only an order by a field names one.
  if (!field) return listInOrder(db, actor, { terms, sort: sort as ColumnSort, after, limit, definitions })
  return listByField(db, actor, { terms, field, isDescending: sort.startsWith('-'), after, limit, definitions })
}

/** A list in the order of a custom field: the tickets that have a value, then the others as they were made. */
async function listByField(
  db: Reader,
  actor: Actor,
  page: Omit<OrderedPage, 'sort'> & { field: Definition; isDescending: boolean },
): Promise<ListedTicket[]> {
  const { terms, field, isDescending, after, limit, definitions } = page
  const behind = after && placeByCreation(after)
  const direction = isDescending ? ('desc' as const) : ('asc' as const)
  const having = behind
    ? []
    : await listWithValue<Omit<Listed, 'is_staff'>>(db, actor, {
        page: { field, terms, direction, after, limit: limit + 1 },
        columns: listedColumns,
      })
  const listed: ListedTicket[] = await seen(db, having, definitions)
  if (listed.length > limit) return listed
  const lacking = await listInOrder(db, actor, {
    terms: [...terms, absenceOf(field)],
    sort: isDescending ? '-created_at' : 'created_at',
    after: behind,
    limit: limit - listed.length,
    definitions,
  })
  return [...listed, ...lacking.map((ticket) => Object.assign(ticket, { place: placeWithout(ticket.created_at) }))]
}

/** Rows with what they are read by; here in one go, because a list has many. */
async function seen<R extends Listed>(db: Reader, rows: readonly R[], definitions: Definitions) {
  const { lifecycles } = await workflowOf(db)
  const found: (R & Pick<ShownTicket, 'view' | 'lifecycle' | 'definitions'>)[] = []
  for (const row of rows) {
    const known = lifecycles.get(row.lifecycle_id)
    const lifecycle = known && knowsStatus(known, row.status) ? known : await lifecycleOf(db, row.lifecycle_id, row.status)
    // One after the other, which is cheaper than Object.assign; the row is nobody else's.
    const ticket = row as R & Pick<ShownTicket, 'view' | 'lifecycle' | 'definitions'>
    ticket.view = row.is_staff === 1 ? 'staff' : 'requester'
    ticket.lifecycle = lifecycle
    ticket.definitions = definitions
    found.push(ticket)
  }
  return found
}

interface OrderedPage {
  terms: Term[]
  sort: ColumnSort
  after: Place | undefined
  limit: number
  definitions: Definitions
}

async function listInOrder(db: Reader, actor: Actor, page: OrderedPage): Promise<ShownTicket[]> {
  const { terms, definitions } = page
  const arms = visibleArms({}, actor)
    .map(({ view }, i) => ({ view, i }))
    .filter(({ view }) => shows(view, terms))
  if (arms.length === 0) return []
  const shape = `${scopeShape(actor)} ${page.sort} ${page.after ? 'after' : 'first'} ${shapeOf(terms)}`
  let statement = prepared.get(shape)
  if (!statement) {
    statement = prepareList(actor, { arms: arms.map(({ i }) => i), terms, page })
    if (prepared.size >= SHAPES_KEPT) prepared.clear()
    prepared.set(shape, statement)
  }
  const rows = await statement(db, {
    ...scopeValues(actor),
    ...valuesOf(terms),
    limit: page.limit + 1,
    ...(page.after ? { after_key: page.after.key, after_id: page.after.id } : {}),
  })
  const tickets: ShownTicket[] = await seen(db, rows, definitions)
  const isOnePart = (arms.length === 1 || isSideless(actor, terms, page)) && waysOf(terms, page).length === 1
  return isOnePart ? tickets : merge(tickets, page)
}

/** Parts of the public side may overlap; within one order everything stands once. */
function merge(tickets: ShownTicket[], { sort, limit }: OrderedPage): ShownTicket[] {
  const direction = sort.startsWith('-') ? -1 : 1
  const once = new Map(tickets.map((ticket) => [ticket.id, ticket]))
  return [...once.values()]
    .sort((a, b) => direction * (columnKey(a, sort) - columnKey(b, sort) || (a.id < b.id ? -1 : 1)))
    .slice(0, limit + 1)
}

/** How many tickets an actor sees that match: each way of seeing tickets is counted by an index of its own, in one statement. */
export async function countTickets(db: Reader, actor: Actor, filters: TicketFilters): Promise<number> {
  const searchable = searchableFields(await definitionsOf(db), actor)
  const terms = termsOf(filters, { actor, searchable, workflow: await workflowOf(db) })
  markForCount(terms)
  const slots = { ...scopeValues(actor), ...valuesOf(terms) }
  const counts = disjointArms(slots, actor)
    .filter(({ view }) => shows(view, terms))
    .map(({ view, where, isOfFew }) => {
      const isNamed = view === 'staff' && nameTickets(terms)
      const conditions = conditionsOn(view, { db, terms, slots, order: isNamed || isOfFew ? 'named' : 'none' })
      const arm = isNamed && !isOfFew ? unindexed(db, where) : where
      return sql<number>`(select count(*) from tickets where ${allOf([arm, ...conditions])} and deleted_at is null)`
    })
  if (counts.length === 0) return 0
  const { rows } = await sql<{ total: number }>`select ${sql.join(counts, sql` + `)} as total`.execute(db)
  return Number(rows[0]?.total)
}

/**
 * Those of these tickets that match on one side, whoever sees them: for who has asked `viewOf` already. `actor` is who `me` is, and
 * whose names for statuses and fields are meant.
 */
export async function matchTickets(
  db: Reader,
  actor: Actor,
  { filters, view, ids }: { filters: TicketFilters; view: View; ids: readonly string[] },
): Promise<Set<string>> {
  const searchable = searchableFields(await definitionsOf(db), actor)
  const terms = termsOf(filters, { actor, searchable, workflow: await workflowOf(db) })
  if (ids.length === 0 || !shows(view, terms)) return new Set()
  const conditions = conditionsOn(view, { db, terms, slots: valuesOf(terms), order: 'named' })
  const found = db
    .selectFrom('tickets')
    .select('tickets.id')
    .where('tickets.id', 'in', [...ids])
    .where('deleted_at', 'is', null)
    .$if(conditions.length > 0, (query) => query.where(allOf(conditions)))
  return new Set((await found.execute()).map(({ id }) => id))
}

function allOf(conditions: RawBuilder<boolean>[]): RawBuilder<boolean> {
  return sql<boolean>`${sql.join(conditions, sql` and `)}`
}

/** One part of a list: its condition, and on which side it shows a ticket. */
interface Part {
  view: View
  where: RawBuilder<boolean>
  side: RawBuilder<number>
  page: OrderedPage
  slots: Values
}

/** The parts of the visible tickets that show what the conditions ask for, in one statement. */
function prepareList(actor: Actor, { arms, terms, page }: { arms: number[]; terms: Term[]; page: OrderedPage }): Statement {
  return prepare<Values, ReturnType<typeof oneAfterTheOther>>((db, slots) => {
    const partsOf = (arm: Omit<Part, 'page' | 'slots'>): Part[] =>
      (arm.view === 'staff' ? waysOf(terms, page) : [terms]).map((way) => {
        const where = allOf([arm.where, ...conditionsOn(arm.view, { db, terms: way, slots })])
        return { ...arm, where, page, slots }
      })
    if (isSideless(actor, terms, page)) {
      const side = sql<number>`case when ${seesStaffSide(slots, actor)} then 1 else 0 end`
      return oneAfterTheOther(db, partsOf({ view: 'staff', where: seesAnySide(slots, actor), side }))
    }
    const visible = visibleArms(slots, actor).filter((_, i) => arms.includes(i))
    const parts = visible.flatMap(({ view, where }) =>
      partsOf({ view, where, side: sql<number>`${sql.raw(view === 'staff' ? '1' : '0')}` }),
    )
    return oneAfterTheOther(db, parts)
  })
}

/** The ways by which a list in the order of a time is read; every other order has an index of its own to walk. */
function waysOf(terms: Term[], { sort }: OrderedPage): Term[][] {
  const column = sortColumn(sort)
  return column === 'created_at' || column === 'updated_at' ? branchesOf(terms) : [terms]
}

type Listed = Omit<ShownTicket, 'view' | 'lifecycle' | 'definitions'> & { is_staff: number }

/**
 * Whether staff's list needs no parts: where order and conditions mean the same on both sides, one walk along one index
 * finds both, for of most tickets staff see some side.
 */
function isSideless(actor: Actor, terms: readonly Term[], { sort }: OrderedPage): boolean {
  return isStaff(actor) && sortColumn(sort) !== 'updated_at' && areSideless(terms)
}

/** Several parts as one statement. MariaDB sorts in temporary tables, and those of whole rows go to its disk: there ids come first. */
function oneAfterTheOther(db: Reader, parts: Part[]): Compilable<Listed> {
  const whole = parts.map((part) => partRows(db, part).select(listedColumns).select(part.side.as('is_staff')))
  const [only] = whole
  if (only && whole.length === 1) return only
  if (engineOf(db) === 'sqlite') return { compile: () => concatRows(db, whole).compile(db) }
  const ids = concatRows(
    db,
    parts.map((part) => partRows(db, part).select(['tickets.id', part.side.as('is_staff')])),
  )
  const rows = sql<Listed>`select ${sql.join(listedColumns.map((column) => sql.ref(column)))}, page.is_staff from (${ids}) as page straight_join tickets on tickets.id = page.id`
  return { compile: () => rows.compile(db) }
}

function partRows(db: Reader, { view, where, page, slots }: Part) {
  const name = shownColumn(sortColumn(page.sort), view)
  const column = sql.ref(`tickets.${name}`)
  const [order, sign] = page.sort.startsWith('-') ? (['desc', sql`<`] as const) : (['asc', sql`>`] as const)
  // Written so that both engines read a range of the index; row values do not on MySQL.
  const behind = sql<boolean>`${column} ${sign}= ${slots.after_key} and (${column} ${sign} ${slots.after_key} or tickets.id ${sign} ${slots.after_id})`
  return (
    db
      .selectFrom('tickets')
      .where(where)
      .where('deleted_at', 'is', null)
      .$if(page.after !== undefined, (query) => query.where(behind))
      .orderBy(`tickets.${name}`, order)
      // A number is one ticket's alone, and MariaDB sorts all of them where an id stands behind a unique key.
      .$if(name !== 'number', (query) => query.orderBy('tickets.id', order))
      .limit(limitTo(db, slots.limit as number))
  )
}
