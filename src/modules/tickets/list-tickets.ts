import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { connectionOf } from '../../platform/database/connection.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Place } from '../../platform/http/cursor.ts'
import { type Condition, conditionsOf, type TicketFilters } from './filters.ts'
import type { SeenTicket } from './present.ts'
import type { TicketRow } from './tables.ts'
import type { View } from './ticket.ts'
import { type Arm, scopeValues, visibleArms } from './visibility.ts'

export type Sort = `${'' | '-'}${'created_at' | 'updated_at' | 'priority' | 'number'}`

export interface TicketPage {
  filters: TicketFilters
  sort: Sort
  after: Place | undefined
  limit: number
}

/** The column that carries an order on a side: what a requester sorts by moves only with what he sees. */
function sortColumn(sort: Sort, view: View): 'created_at' | 'updated_at' | 'public_updated_at' | 'priority' | 'number' {
  const name = sort.replace('-', '') as 'created_at' | 'updated_at' | 'priority' | 'number'
  return name === 'updated_at' && view === 'requester' ? 'public_updated_at' : name
}

/** The value by which a ticket stands in its list, as this side sees it. */
export function sortKey(ticket: SeenTicket, sort: Sort): number {
  return ticket[sortColumn(sort, ticket.view)]
}

/**
 * The tickets that an actor sees and that match, one more than `limit`, in order. Each way of seeing tickets is read by an
 * index of its own, and the few rows of each are merged.
 */
export async function listTickets(db: Reader, actor: Actor, page: TicketPage): Promise<SeenTicket[]> {
  const parts = await Promise.all(armsOf(db, actor, page.filters).map(({ view, where }) => readArm(db, { view, where, page })))
  const [only] = parts
  if (parts.length === 1 && only) return only
  const seen = new Map<string, SeenTicket>()
  for (const ticket of parts.flat()) if (!seen.has(ticket.id)) seen.set(ticket.id, ticket)
  const direction = page.sort.startsWith('-') ? -1 : 1
  return [...seen.values()]
    .sort((a, b) => direction * (sortKey(a, page.sort) - sortKey(b, page.sort) || (a.id < b.id ? -1 : 1)))
    .slice(0, page.limit + 1)
}

/** How many tickets an actor sees that match. */
export async function countTickets(db: Reader, actor: Actor, filters: TicketFilters): Promise<number> {
  const byView = Map.groupBy(armsOf(db, actor, filters), ({ view }) => view)
  let total = 0
  for (const arms of byView.values()) {
    const where = sql<boolean>`(${sql.join(
      arms.map((arm) => arm.where),
      sql` or `,
    )})`
    const row = await db
      .selectFrom('tickets')
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .where('deleted_at', 'is', null)
      .where(where)
      .executeTakeFirstOrThrow()
    total += Number(row.total)
  }
  return total
}

/** The parts of the visible tickets, each with the filters as its side knows them. */
function armsOf(db: Reader, actor: Actor, filters: TicketFilters): Arm[] {
  const conditions = conditionsOf(filters, actor)
  return visibleArms(scopeValues(actor), actor).flatMap(({ view, where }) => {
    const own = conditionsOn(db, view, conditions)
    return own === null
      ? []
      : [{ view, where: own.length === 0 ? where : sql<boolean>`${where} and ${sql.join(own, sql` and `)}` }]
  })
}

function conditionsOn(db: Reader, view: View, conditions: Condition[]): RawBuilder<boolean>[] | null {
  const own: RawBuilder<boolean>[] = []
  for (const condition of conditions) {
    const where = condition.on(view, db)
    if (where === null) return null
    own.push(where)
  }
  return own
}

async function readArm(
  db: Reader,
  { view, where, page }: { view: View; where: RawBuilder<boolean>; page: TicketPage },
): Promise<SeenTicket[]> {
  const column = sql.ref(`tickets.${sortColumn(page.sort, view)}`)
  const [order, sign] = page.sort.startsWith('-') ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`]
  const { after } = page
  // Written so that both engines read a range of the index; row values do not on MySQL.
  const behind = after
    ? sql`and ${column} ${sign}= ${after.key} and (${column} ${sign} ${after.key} or tickets.id ${sign} ${after.id})`
    : sql``
  const query = sql<TicketRow>`select tickets.* from tickets where ${where} and tickets.deleted_at is null ${behind}
    order by ${column} ${order}, tickets.id ${order} limit ${page.limit + 1}`.compile(db)
  // The columns are those of the table.
  const rows = (await connectionOf(db).query(query.sql, query.parameters)).rows as unknown as TicketRow[]
  return rows.map((row) => ({ ...row, view }))
}
