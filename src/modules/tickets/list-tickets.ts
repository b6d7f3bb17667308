import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Place } from '../../platform/http/cursor.ts'
import { conditionsOn, shapeOf, shownColumn, shows, type Term, type TicketFilters, termsOf, valuesOf } from './filters.ts'
import type { SeenTicket } from './present.ts'
import type { View } from './ticket.ts'
import { type Arm, scopeShape, scopeValues, visibleArms } from './visibility.ts'

export type Sort = `${'' | '-'}${'created_at' | 'updated_at' | 'priority' | 'number'}`

export interface TicketPage {
  filters: TicketFilters
  sort: Sort
  after: Place | undefined
  limit: number
}

type Values = Record<string, unknown>
/** Statements that are built once per shape of a list: kind of actor, conditions, order, and whether it goes on from a place. */
type Statement = ReturnType<typeof prepareArm>

/** The value by which a ticket stands in its list, as its side sees it. */
export function sortKey(ticket: SeenTicket, sort: Sort): number {
  return ticket[shownColumn(sortColumn(sort), ticket.view)]
}

function sortColumn(sort: Sort): 'created_at' | 'updated_at' | 'priority' | 'number' {
  return sort.replace('-', '') as 'created_at' | 'updated_at' | 'priority' | 'number'
}

const prepared = new Map<string, { view: View; statement: Statement }[]>()
const SHAPES_KEPT = 1000

/**
 * The tickets that an actor sees and that match, one more than `limit`, in order. Each way of seeing tickets is read by an
 * index of its own, and the few rows of each are merged.
 */
export async function listTickets(db: Reader, actor: Actor, page: TicketPage): Promise<SeenTicket[]> {
  const terms = termsOf(page.filters, actor)
  const shape = `${scopeShape(actor)} ${page.sort} ${page.after ? 'after' : 'first'} ${shapeOf(terms)}`
  let arms = prepared.get(shape)
  if (!arms) {
    arms = prepareArms(actor, { terms, page })
    if (prepared.size >= SHAPES_KEPT) prepared.clear()
    prepared.set(shape, arms)
  }
  const values: Values = {
    ...scopeValues(actor),
    ...valuesOf(terms),
    limit: page.limit + 1,
    ...(page.after ? { after_key: page.after.key, after_id: page.after.id } : {}),
  }
  const parts = await Promise.all(arms.map(({ view, statement }) => readArm(db, { view, statement, values })))
  const filled = parts.filter((part) => part.length > 0)
  return filled.length <= 1 ? (filled[0] ?? []) : merge(filled.flat(), page)
}

async function readArm(
  db: Reader,
  { view, statement, values }: { view: View; statement: Statement; values: Values },
): Promise<SeenTicket[]> {
  const rows = await statement(db, values)
  return rows.map((row) => Object.assign(row, { view }))
}

/** Parts of the public side may overlap; within one order everything stands once. */
function merge(tickets: SeenTicket[], { sort, limit }: TicketPage): SeenTicket[] {
  const direction = sort.startsWith('-') ? -1 : 1
  const once = new Map(tickets.map((ticket) => [ticket.id, ticket]))
  return [...once.values()]
    .sort((a, b) => direction * (sortKey(a, sort) - sortKey(b, sort) || (a.id < b.id ? -1 : 1)))
    .slice(0, limit + 1)
}

/** How many tickets an actor sees that match. */
export async function countTickets(db: Reader, actor: Actor, filters: TicketFilters): Promise<number> {
  const terms = termsOf(filters, actor)
  const slots = { ...scopeValues(actor), ...valuesOf(terms) }
  const byView = Map.groupBy(visibleArms(slots, actor), ({ view }) => view)
  let total = 0
  for (const [view, arms] of byView) {
    if (!shows(view, terms)) continue
    const conditions = conditionsOn(view, { db, terms, slots })
    const visible = sql<boolean>`(${sql.join(
      arms.map(({ where }) => where),
      sql` or `,
    )})`
    const row = await db
      .selectFrom('tickets')
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .where('deleted_at', 'is', null)
      .where(allOf([visible, ...conditions]))
      .executeTakeFirstOrThrow()
    total += Number(row.total)
  }
  return total
}

function allOf(conditions: RawBuilder<boolean>[]): RawBuilder<boolean> {
  return sql<boolean>`${sql.join(conditions, sql` and `)}`
}

/** One statement for each way in which such an actor sees tickets. */
function prepareArms(actor: Actor, { terms, page }: { terms: Term[]; page: TicketPage }): { view: View; statement: Statement }[] {
  const views = visibleArms({}, actor).map(({ view }) => view)
  return views.flatMap((view, i) => {
    if (!shows(view, terms)) return []
    return [{ view, statement: prepareArm(actor, { arm: i, terms, page }) }]
  })
}

function prepareArm(actor: Actor, { arm, terms, page }: { arm: number; terms: Term[]; page: TicketPage }) {
  return prepare<Values, ReturnType<typeof armQuery>>((db, slots) => {
    const { view, where } = visibleArms(slots, actor)[arm] ?? { view: 'requester', where: sql<boolean>`1 = 0` }
    const conditions = conditionsOn(view, { db, terms, slots })
    return armQuery(db, { arm: { view, where: allOf([where, ...conditions]) }, page, slots })
  })
}

function armQuery(db: Reader, { arm, page, slots }: { arm: Arm; page: TicketPage; slots: Values }) {
  const name = shownColumn(sortColumn(page.sort), arm.view)
  const column = sql.ref(`tickets.${name}`)
  const [order, sign] = page.sort.startsWith('-') ? (['desc', sql`<`] as const) : (['asc', sql`>`] as const)
  // Written so that both engines read a range of the index; row values do not on MySQL.
  const behind = sql<boolean>`${column} ${sign}= ${slots.after_key} and (${column} ${sign} ${slots.after_key} or tickets.id ${sign} ${slots.after_id})`
  return db
    .selectFrom('tickets')
    .selectAll()
    .where(arm.where)
    .where('deleted_at', 'is', null)
    .$if(page.after !== undefined, (query) => query.where(behind))
    .orderBy(`tickets.${name}`, order)
    .orderBy('tickets.id', order)
    .limit(sql<number>`${slots.limit}`)
}
