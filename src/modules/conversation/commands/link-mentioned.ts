import { type Actor, isStaff } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { linksBetween, linkTickets } from '../../links/index.ts'
import {
  canWork,
  findVisibleTicket,
  getVisibleTicket,
  lockInOrder,
  type SeenTicket,
  type TicketReference,
} from '../../tickets/index.ts'
import { mentionsIn } from '../mentions.ts'

/**
 * Locks a ticket together with those that a message to it mentions, in the order in which everybody locks several. Whoever will link
 * them calls it before he locks the ticket.
 */
export async function lockMentioned(
  tx: Tx,
  actor: Actor,
  { ticket, body }: { ticket: TicketReference; body: string },
): Promise<void> {
  if (!isStaff(actor)) return
  const { tickets } = mentionsIn(body)
  if (tickets.length > 0) await lockInOrder(tx, actor, [ticket, ...tickets])
}

/**
 * Relates a ticket, whose row is locked, to those that a message to it mentions and did not mention before, as far as its author works
 * on both. Those that have to do with it already stay as they are.
 */
export async function linkMentioned(
  tx: Tx,
  actor: Actor,
  { ticket, body, before = '' }: { ticket: SeenTicket; body: string; before?: string },
): Promise<SeenTicket> {
  if (!canWork(ticket)) return ticket
  const said = mentionsIn(before).tickets
  const tickets = mentionsIn(body).tickets.filter((one) => !said.includes(one))
  if (tickets.length === 0) return ticket
  for (const reference of tickets) {
    const other = await findVisibleTicket(tx.db, actor, reference)
    if (!other || !canWork(other) || other.id === ticket.id) continue
    if ((await linksBetween(tx.db, { ticket_id: ticket.id, other_id: other.id })).length > 0) continue
    await linkTickets(tx, actor, { ticket: ticket.id, other: other.id, kind: 'related' })
  }
  // Each link moved its version.
  return getVisibleTicket(tx.db, actor, ticket.id)
}
