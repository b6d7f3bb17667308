import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue } from '../../desk/index.ts'
import { canOwnTickets, canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { AlreadyAssigned, TicketClosed } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { ticketEtag } from '../ticket.ts'
import { giveTicket, takeTicketFrom } from './assign-ticket.ts'

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
  const { claim_ttl_seconds = null } = (await findQueue(tx.db, ticket.queue_id)) ?? {}
  return giveTicket(tx, actor, { ticket, assignee_id: actor.id, reason: 'claimed', claim_ttl_seconds })
}

/** Gives a ticket back to its queue. One that nobody has stays as it is. */
export async function releaseTicket(tx: Tx, actor: Actor, which: Which): Promise<SeenTicket> {
  const ticket = await workable(tx, actor, which)
  if (ticket.assignee_id === null) return ticket
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  return takeTicketFrom(tx, actor, { ticket, to: null, reason: 'released' })
}

async function workable(tx: Tx, actor: Actor, { ticket: reference, if_match }: Which): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (!canWork(ticket)) throw Forbidden()
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)
  return ticket
}
