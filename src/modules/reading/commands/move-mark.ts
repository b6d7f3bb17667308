import type { Actor } from '../../../platform/actor.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findPlace, findUpTo, placesOfMessages } from '../../messages/index.ts'
import {
  factsOf,
  findVisibleTicket,
  getConversation,
  type SeenTicket,
  type TicketFacts,
  type TicketReference,
} from '../../tickets/index.ts'
import { type MarkState, movedMark, noMark, type Seen } from '../mark.ts'
import { lockMark, marksOf } from '../queries.ts'
import type { ReadMarkRow } from '../tables.ts'

/** What somebody says that he has seen: up to which message, without one up to the last that he sees. */
export interface Reached {
  ticket: TicketReference
  message_id?: string | undefined
  state: MarkState
}

/** Somebody's mark in a ticket that he sees, as it was and as it is. */
export interface MovedMark {
  ticket: SeenTicket
  before: ReadMarkRow
  mark: ReadMarkRow
}

/**
 * Moves an actor's mark forward. No version moves, and nothing is announced: nobody but who listens at the moment is told. The ticket
 * is held, so that no message comes in between; others may move their marks meanwhile.
 */
export async function moveMark(tx: Tx, actor: Actor, reached: Reached): Promise<MovedMark> {
  return write(tx, actor, { ...(await look(tx.db, actor, { ...reached, at: tx.now, lock: 'for share' })), state: reached.state })
}

/** What `moveMark` would do now, without a transaction; undefined where it would change something. */
export async function findUnmoved(db: Reader, actor: Actor, reached: Reached): Promise<MovedMark | undefined> {
  const { ticket, seen } = await look(db, actor, { ...reached, at: 0 })
  const [mark = noMark(ticket.id, actor.id)] = await marksOf(db, actor.id, [ticket.id])
  return seen && movedMark(mark, reached.state, seen) !== mark ? undefined : { ticket, before: mark, mark }
}

interface Look {
  ticket: SeenTicket
  /** Undefined where there is no message that he sees. */
  seen: Seen | undefined
}

async function look(
  db: Reader,
  actor: Actor,
  { ticket: reference, message_id, at, lock }: Reached & { at: number; lock?: 'for share' },
): Promise<Look> {
  const ticket = await getConversation(db, actor, reference, lock)
  const place = (await findPlace(db, ticket, message_id))?.place ?? null
  if (place === null && message_id !== undefined) throw NotFound()
  return { ticket, seen: place === null ? undefined : await seenUpTo(db, ticket, { place, at }) }
}

async function seenUpTo(db: Reader, { id, view }: SeenTicket, { place, at }: { place: number; at: number }): Promise<Seen> {
  const last = view === 'staff' ? await findUpTo(db, { ticket_id: id, place, side: 'public' }) : { place }
  return { view, place, public_place: last?.place ?? 0, at }
}

/**
 * Marks messages as delivered to an actor, in tickets that he sees; of others nothing is said. Answers the marks that moved.
 */
export async function markAsDelivered(tx: Tx, actor: Actor, message_ids: readonly string[]): Promise<MovedMark[]> {
  const moved: MovedMark[] = []
  // In the order in which everybody holds tickets, so that none waits for one who waits for him.
  for (const id of [...new Set((await placesOfMessages(tx.db, message_ids)).map(({ ticket_id }) => ticket_id))].sort()) {
    const ticket = await findVisibleTicket(tx.db, actor, id, 'for share')
    const seen = ticket && (await lastOf(tx.db, ticket, { message_ids, at: tx.now }))
    if (ticket && seen) moved.push(await write(tx, actor, { ticket, seen, state: 'delivered' }))
  }
  return moved.filter(({ before, mark }) => before !== mark)
}

/**
 * Those of some messages that are not yet marked as delivered to an actor, of tickets in which he takes part: nobody waits to hear that
 * they have reached whoever else may see them.
 */
export async function findUndelivered(db: Reader, actor: Actor, message_ids: readonly string[]): Promise<string[]> {
  const found = await placesOfMessages(db, message_ids)
  const facts = await factsOf(
    db,
    found.map(({ ticket_id }) => ticket_id),
  )
  const places = found.filter(({ ticket_id }) => takesPart(facts.get(ticket_id), actor))
  const ids = [...new Set(places.map(({ ticket_id }) => ticket_id))]
  const marks = new Map((await marksOf(db, actor.id, ids)).map((mark) => [mark.ticket_id, mark]))
  return places
    .filter(({ ticket_id, place, visibility }) => {
      const mark = marks.get(ticket_id)
      return place > ((visibility === 'public' ? mark?.public_delivered_place : mark?.delivered_place) ?? 0)
    })
    .map(({ id }) => id)
}

function takesPart(ticket: TicketFacts | undefined, { id }: Actor): boolean {
  if (!ticket) return false
  return ticket.requester_id === id || ticket.assignee_id === id || ticket.participants.some(({ user_id }) => user_id === id)
}

/** The last of some messages that lies in a ticket, as far as its side shows them. */
async function lastOf(
  db: Reader,
  ticket: SeenTicket,
  { message_ids, at }: { message_ids: readonly string[]; at: number },
): Promise<Seen | undefined> {
  const shown = (await placesOfMessages(db, message_ids)).filter(
    ({ ticket_id, visibility }) => ticket_id === ticket.id && (ticket.view === 'staff' || visibility === 'public'),
  )
  if (shown.length === 0) return undefined
  return seenUpTo(db, ticket, { place: Math.max(...shown.map(({ place }) => place)), at })
}

async function write(tx: Tx, actor: Actor, { ticket, seen, state }: Look & { state: MarkState }): Promise<MovedMark> {
  const ids = { ticket_id: ticket.id, user_id: actor.id }
  const move = (before: ReadMarkRow): MovedMark => ({
    ticket,
    before,
    mark: seen ? stamped(before, movedMark(before, state, seen), ticket) : before,
  })
  let known = await lockMark(tx.db, ids)
  if (!known) {
    const first = move(noMark(ticket.id, actor.id))
    if (first.mark === first.before || (await insertIfAbsent(tx.db, 'read_marks', first.mark))) return first
    // Another device of his was faster.
    known = await lockMark(tx.db, ids)
  }
  const moved = move(known ?? noMark(ticket.id, actor.id))
  if (moved.mark !== moved.before) await saveMark(tx, moved.mark)
  return moved
}

/** With the versions of the ticket at which he read on. */
function stamped(before: ReadMarkRow, mark: ReadMarkRow, { version, public_version }: SeenTicket): ReadMarkRow {
  const hasRead = mark.read_place !== before.read_place
  const hasReadPublic = mark.public_read_place !== before.public_read_place
  if (!hasRead && !hasReadPublic) return mark
  return { ...mark, version, ...(hasReadPublic ? { public_version } : {}) }
}

/** Writes a mark that is there, under its lock or under that of its ticket. */
export async function saveMark(tx: Tx, { ticket_id, user_id, ...columns }: ReadMarkRow): Promise<void> {
  await tx.db.updateTable('read_marks').set(columns).where('ticket_id', '=', ticket_id).where('user_id', '=', user_id).execute()
}
