import { type Actor, systemActor } from '../../../platform/actor.ts'
import { forUpdate, skipLocked } from '../../../platform/database/dialect.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import { type News, news } from '../../../platform/events.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket } from '../change.ts'
import { type AssignmentReason, type AssignmentWhy, ticketAssigned } from '../events.ts'
import type { SeenTicket } from '../present.ts'
import { seenTicket } from '../queries.ts'
import { changeStatus } from '../status.ts'
import type { TicketRow } from '../tables.ts'
import { statusAfterStaffAct } from '../ticket.ts'
import { CLAIM_EXPIRY } from '../waiting.ts'

interface Given {
  ticket: SeenTicket
  assignee_id: string
  reason: AssignmentReason
  why?: AssignmentWhy
  /** After how long it goes back when he leaves it untouched. */
  claim_ttl_seconds?: number | null
}

/** Makes somebody the assignee of a ticket whose row is locked and which nobody has. */
export async function giveTicket(tx: Tx, actor: Actor, given: Given): Promise<SeenTicket> {
  const { ticket, assignee_id, reason, why = {}, claim_ttl_seconds = null } = given
  const set: Partial<TicketRow> = { assignee_id }
  const data = { assignee_id, reason, ...why }
  const announce: News[] = [news(ticketAssigned, { visibility: 'internal', data, previous: { assignee_id: null } })]
  const status = statusAfterStaffAct(ticket)
  if (status) {
    const change = changeStatus(ticket, status, tx.now)
    Object.assign(set, change.set)
    // Follows by itself, and its public news must not tell the requester who has the ticket.
    announce.push(...change.announce.map((one) => ({ ...one, actor: systemActor })))
  }
  const changed = await changeTicket(tx, actor, ticket, { set, announce })
  if (claim_ttl_seconds !== null)
    await setTimer(tx, { kind: CLAIM_EXPIRY, subject_id: ticket.id, due_at: tx.now + claim_ttl_seconds * 1000 })
  return changed
}

/** Takes a ticket whose row is locked from its assignee: for another one, or, with null, back to its queue. */
export function takeTicketFrom(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { ticket, to, reason }: { ticket: SeenTicket; to: string | null; reason: AssignmentReason },
): Promise<SeenTicket> {
  const told = {
    visibility: 'internal' as const,
    data: { assignee_id: to, reason },
    previous: { assignee_id: ticket.assignee_id },
  }
  return changeTicket(tx, actor, ticket, { set: { assignee_id: to }, announce: [news(ticketAssigned, told)] })
}

const rowOf = prepare((db, { id }: { id: string }, shape: string) => {
  const query = db.selectFrom('tickets').selectAll().where('id', '=', id).where('deleted_at', 'is', null)
  return shape === 'skip' ? skipLocked(db, query) : forUpdate(db, query)
})

/** Locks a ticket for Beckon itself; with `skip` one that somebody else holds is passed over, where the engine can. */
export async function lockTicket(tx: Tx, id: string, held: 'wait' | 'skip' = 'wait'): Promise<SeenTicket | undefined> {
  const [row] = await rowOf(tx.db, { id }, held)
  return row && seenTicket(tx.db, row, 'staff')
}
