import { type Compilable, type SelectQueryBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { forShare, forUpdate } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { definitionsOf } from '../fields/index.ts'
import { lifecycleOf } from '../workflow/index.ts'
import type { SeenTicket } from './present.ts'
import type { TicketRow } from './tables.ts'
import type { View } from './ticket.ts'
import { type ScopeSlots, scopeShape, scopeValues, seesAnySide, seesStaffSide } from './visibility.ts'

/** How a path names a ticket: `tkt_…`, `1042` or `ext:ORD-77`. */
export type TicketReference = string

function referenceColumn(reference: TicketReference): { column: 'id' | 'number' | 'external_id'; value: string | number } {
  if (reference.startsWith('tkt_')) return { column: 'id', value: reference }
  if (reference.startsWith('ext:')) return { column: 'external_id', value: reference.slice(4) }
  return { column: 'number', value: Number(reference) }
}

/** How rows are held while something is decided by them: alone, or so that nobody changes them. */
export type Lock = 'for update' | 'for share'

function held<DB, TB extends keyof DB, O>(db: Reader, query: SelectQueryBuilder<DB, TB, O>, lock: string | undefined) {
  if (lock === 'for update') return forUpdate(db, query)
  return lock === 'for share' ? forShare(db, query) : query
}

type FoundTicket = TicketRow & { is_staff: number }
type Naming = { column: 'id' | 'number' | 'external_id'; actor: Actor; lock: Lock | undefined }

function oneTicket(db: Reader, slots: ScopeSlots, { column, actor, lock }: Naming) {
  const query = db
    .selectFrom('tickets')
    .selectAll('tickets')
    .select(sql<number>`case when ${seesStaffSide(slots, actor)} then 1 else 0 end`.as('is_staff'))
    .where(`tickets.${column}`, '=', sql<string | number>`${slots.reference}` as never)
    .where('tickets.deleted_at', 'is', null)
    // An external id is internal: only who sees it finds a ticket by it.
    .where(column === 'external_id' ? seesStaffSide(slots, actor) : seesAnySide(slots, actor))
  return held(db, query, lock)
}

/** Looks for a ticket: found if the actor sees it; hidden and missing are the same. With a lock its row is held. */
type FindTicket<More> = (
  db: Reader,
  actor: Actor,
  reference: TicketReference,
  lock?: Lock,
) => Promise<(SeenTicket & More) | undefined>

/** Makes a way to look for a ticket that reads more columns along with its row: `add` depends on nothing but its arguments. */
export function defineFindTicket<More extends object>(
  add: (query: ReturnType<typeof oneTicket>, slots: ScopeSlots) => Compilable<FoundTicket & More>,
): FindTicket<More> {
  // One statement per kind of reference, kind of actor, and lock: the actor is looked at through the slots only.
  const statements = new Map<string, ReturnType<typeof prepareOne>>()
  const prepareOne = (naming: Naming) =>
    prepare<Record<string, unknown>, Compilable<FoundTicket & More>>((db, slots) => add(oneTicket(db, slots, naming), slots))
  return async (db, actor, reference, lock) => {
    const { column, value } = referenceColumn(reference)
    const shape = `${column} ${scopeShape(actor)} ${lock ?? ''}`
    let statement = statements.get(shape)
    if (!statement) {
      statement = prepareOne({ column, actor, lock })
      statements.set(shape, statement)
    }
    // What is compiled selects these columns; that no type of Kysely stands for them is lost on a type parameter.
    const [row] = (await statement(db, { ...scopeValues(actor), reference: value })) as readonly (FoundTicket & More)[]
    return row && seenTicket(db, row, row.is_staff === 1 ? 'staff' : 'requester')
  }
}

/** A ticket, if this actor sees it: hidden and missing are the same. With a lock its row is held. */
export const findVisibleTicket = defineFindTicket<object>((query) => query)

// Their number is rounded up, the last one repeated, so that statements have few shapes.
const several = new Map<string, ReturnType<typeof prepareSeveral>>()

function prepareSeveral(actor: Actor, count: number) {
  return prepare<Record<string, unknown>, ReturnType<typeof severalTickets>>((db, slots) =>
    severalTickets(db, actor, { slots, count }),
  )
}

function severalTickets(db: Reader, actor: Actor, { slots, count }: { slots: ScopeSlots; count: number }) {
  const ids = Array.from({ length: count }, (_, i) => slots[`ticket_${i}`])
  return db
    .selectFrom('tickets')
    .selectAll()
    .select(sql<number>`case when ${seesStaffSide(slots, actor)} then 1 else 0 end`.as('is_staff'))
    .where(sql<boolean>`tickets.id in (${sql.join(ids)})`)
    .where('deleted_at', 'is', null)
    .where(seesAnySide(slots, actor))
}

/** Those of these tickets that an actor sees, by their ids, in one look. */
export async function findVisibleTickets(db: Reader, actor: Actor, ids: readonly string[]): Promise<Map<string, SeenTicket>> {
  const found = new Map<string, SeenTicket>()
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return found
  const count = 2 ** Math.ceil(Math.log2(wanted.length))
  const shape = `${count} ${scopeShape(actor)}`
  let statement = several.get(shape)
  if (!statement) {
    statement = prepareSeveral(actor, count)
    several.set(shape, statement)
  }
  const slots = Array.from({ length: count }, (_, i) => [`ticket_${i}`, wanted[Math.min(i, wanted.length - 1)]])
  for (const row of await statement(db, { ...scopeValues(actor), ...Object.fromEntries(slots) }))
    found.set(row.id, await seenTicket(db, row, row.is_staff === 1 ? 'staff' : 'requester'))
  return found
}

/** A ticket's row, which nobody else holds, with what it is read by: its lifecycle, and the custom fields that there are. */
export async function seenTicket<Row extends TicketRow>(db: Reader, row: Row, view: View): Promise<Row & SeenTicket> {
  const lifecycle = await lifecycleOf(db, row.lifecycle_id, row.status)
  return Object.assign(row, { view, lifecycle, definitions: await definitionsOf(db) })
}

/** As findVisibleTicket; throws 404. */
export async function getVisibleTicket(db: Reader, actor: Actor, reference: TicketReference, lock?: Lock): Promise<SeenTicket> {
  const ticket = await findVisibleTicket(db, actor, reference, lock)
  if (!ticket) throw NotFound()
  return ticket
}

/**
 * The ticket that holds the conversation of one: itself, or the one that it was merged into, and so on; undefined where the actor
 * does not see that one. With a lock all that lie between are held, so that no merge is undone meanwhile.
 */
export async function findConversation(
  db: Reader,
  actor: Actor,
  ticket: SeenTicket,
  lock?: Lock,
): Promise<SeenTicket | undefined> {
  if (ticket.merged_into_id === null) return ticket
  let id = ticket.merged_into_id
  for (let next: string | null = id; next !== null; ) {
    id = next
    const [row] = await mergedInto(db, { id }, lock)
    next = row?.merged_into_id ?? null
  }
  return findVisibleTicket(db, actor, id, lock)
}

/** The conversation that a name leads to, as far as the actor sees it: hidden and missing are the same 404. */
export async function getConversation(db: Reader, actor: Actor, reference: TicketReference, lock?: Lock): Promise<SeenTicket> {
  const named = await getVisibleTicket(db, actor, reference, lock)
  return (await findConversation(db, actor, named, lock)) ?? named
}

const mergedInto = prepare((db, { id }: { id: string }, lock) => {
  const query = db.selectFrom('tickets').select('merged_into_id').where('id', '=', id)
  return held(db, query, lock)
})

/**
 * Locks two tickets, the one with the lower id first, so that whoever locks two never waits for somebody who waits for him. The
 * first must be seen; the other is undefined where it is not.
 */
export async function lockPair(
  { db }: { db: Reader },
  actor: Actor,
  named: { ticket: TicketReference; other: TicketReference },
): Promise<{ ticket: SeenTicket; other: SeenTicket | undefined }> {
  const { id } = await getVisibleTicket(db, actor, named.ticket)
  const other_id = (await findVisibleTicket(db, actor, named.other))?.id
  if (other_id === undefined || id <= other_id) {
    const ticket = await getVisibleTicket(db, actor, id, 'for update')
    return { ticket, other: other_id === undefined ? undefined : await findVisibleTicket(db, actor, other_id, 'for update') }
  }
  const other = await findVisibleTicket(db, actor, other_id, 'for update')
  return { ticket: await getVisibleTicket(db, actor, id, 'for update'), other }
}

/** Locks those of these tickets that the actor sees, the lowest id first, for the same reason. */
export async function lockInOrder({ db }: { db: Reader }, actor: Actor, named: readonly TicketReference[]): Promise<void> {
  const ids = new Set<string>()
  for (const reference of named) {
    const ticket = await findVisibleTicket(db, actor, reference)
    if (ticket) ids.add(ticket.id)
  }
  for (const id of [...ids].sort()) await findVisibleTicket(db, actor, id, 'for update')
}

/** Whether any ticket, deleted ones included, names this object: it may then be archived, but not deleted. */
export async function isNamedByTickets(
  db: Reader,
  column: 'queue_id' | 'category_id' | 'organization_id' | 'type_id',
  id: string,
): Promise<boolean> {
  const row = await db.selectFrom('tickets').select('id').where(column, '=', id).limit(1).executeTakeFirst()
  return row !== undefined
}
