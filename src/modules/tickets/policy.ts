import { type Actor, isStaff } from '../../platform/actor.ts'
import type { SeenTicket } from './present.ts'
import type { MessageRow } from './tables.ts'

/** Whether somebody works on the ticket: only from its staff side. */
export function canWork(ticket: SeenTicket): boolean {
  return ticket.view === 'staff'
}

/** Whether the ticket is his own: he raised it. */
export function isOwner(actor: Actor, ticket: Pick<SeenTicket, 'requester_id'>): boolean {
  return ticket.requester_id === actor.id
}

/** Whether somebody may close, reopen, or change subject and priority. */
export function canSteer(actor: Actor, ticket: SeenTicket): boolean {
  return canWork(ticket) || isOwner(actor, ticket)
}

/** Whether a ticket can be somebody's work: people of the staff, not API keys. */
export function canOwnTickets(actor: Actor): boolean {
  return isStaff(actor) && actor.type === 'user'
}

/** Whether a message is this actor's own. */
export function isAuthor(actor: Actor, message: Pick<MessageRow, 'author_id'>): boolean {
  return message.author_id === actor.id
}
