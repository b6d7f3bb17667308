import { type Actor, systemActor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket, type News, news } from '../change.ts'
import { ticketAssigned } from '../events.ts'
import { canOwnTickets, canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { AlreadyAssigned, TicketClosed } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { changeStatus } from '../status.ts'
import type { TicketRow } from '../tables.ts'
import { statusAfterStaffAct, ticketEtag } from '../ticket.ts'

interface Which {
  ticket: TicketReference
  if_match?: readonly string[] | undefined
}

/** Takes a ticket that nobody has. Claiming one's own again changes nothing. */
export async function claimTicket(tx: Tx, actor: Actor, which: Which): Promise<SeenTicket> {
  const ticket = await workable(tx, actor, which)
  if (!canOwnTickets(actor)) throw Forbidden({ detail: 'An API key cannot own a ticket.' })
  if (ticket.assignee_id === actor.id) return ticket
  if (ticket.assignee_id !== null) throw AlreadyAssigned()
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  return assignTo(tx, actor, { ticket, reason: 'claimed' })
}

/** Makes the actor the assignee of a ticket whose row is locked and which nobody has. */
export async function assignTo(
  tx: Tx,
  actor: Actor,
  { ticket, reason }: { ticket: SeenTicket; reason: 'claimed' | 'claimed_next' },
): Promise<SeenTicket> {
  const set: Partial<TicketRow> = { assignee_id: actor.id }
  const announce: News[] = [
    news(ticketAssigned, { visibility: 'internal', data: { assignee_id: actor.id, reason }, previous: { assignee_id: null } }),
  ]
  const status = statusAfterStaffAct(ticket)
  if (status) {
    const change = changeStatus(ticket, status, tx.now)
    Object.assign(set, change.set)
    // Follows by itself, and its public news must not tell the requester who has the ticket.
    announce.push(...change.announce.map((news) => ({ ...news, actor: systemActor })))
  }
  return changeTicket(tx, actor, ticket, { set, announce })
}

/** Gives a ticket back to its queue. One that nobody has stays as it is. */
export async function releaseTicket(tx: Tx, actor: Actor, which: Which): Promise<SeenTicket> {
  const ticket = await workable(tx, actor, which)
  if (ticket.assignee_id === null) return ticket
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  const data = { assignee_id: null, reason: 'released' as const }
  return changeTicket(tx, actor, ticket, {
    set: { assignee_id: null },
    announce: [news(ticketAssigned, { visibility: 'internal', data, previous: { assignee_id: ticket.assignee_id } })],
  })
}

async function workable(tx: Tx, actor: Actor, { ticket: reference, if_match }: Which): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (!canWork(ticket)) throw Forbidden()
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)
  return ticket
}
