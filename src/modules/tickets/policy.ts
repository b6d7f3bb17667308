import { type Actor, isStaff } from '../../platform/actor.ts'
import type { Taker } from '../workflow/index.ts'
import type { SeenTicket } from './present.ts'

/** Whether somebody works on the ticket: only from its staff side. */
export function canWork(ticket: SeenTicket): boolean {
  return ticket.view === 'staff'
}

/** Whether the ticket is his own: he raised it. */
export function isOwner(actor: Actor, ticket: Pick<SeenTicket, 'requester_id'>): boolean {
  return ticket.requester_id === actor.id
}

const NOBODY: readonly Taker[] = []
const OWNER: readonly Taker[] = ['requester']
const AGENT: readonly Taker[] = ['agent']
const ADMIN: readonly Taker[] = ['agent', 'admin']

/** As whom somebody takes steps with a ticket. */
export function takersOf(actor: Actor, ticket: Pick<SeenTicket, 'view' | 'requester_id'>): readonly Taker[] {
  if (ticket.view === 'staff') return actor.role === 'admin' ? ADMIN : AGENT
  return isOwner(actor, ticket) ? OWNER : NOBODY
}

/** Whether somebody may close, reopen, or change subject and priority. */
export function canSteer(actor: Actor, ticket: SeenTicket): boolean {
  return canWork(ticket) || isOwner(actor, ticket)
}

/** Whether a ticket can be somebody's work: people of the staff, not API keys. */
export function canOwnTickets(actor: Actor): boolean {
  return isStaff(actor) && actor.type === 'user'
}
