import { type Actor, isStaff } from '../../platform/actor.ts'
import type { Taker } from '../workflow/index.ts'
import type { SeenTicket } from './present.ts'

/** What a rule looks at in a ticket: whose it is, and from which side it is seen. */
type Seen = Pick<SeenTicket, 'view' | 'requester_id'>

/** Whether somebody works on the ticket: only from its staff side. */
export function canWork(ticket: Pick<SeenTicket, 'view'>): boolean {
  return ticket.view === 'staff'
}

/** Whether the ticket is his own: he raised it. */
export function isOwner(actor: Pick<Actor, 'id'>, ticket: Pick<SeenTicket, 'requester_id'>): boolean {
  return ticket.requester_id === actor.id
}

const NOBODY: readonly Taker[] = []
const OWNER: readonly Taker[] = ['requester']
const AGENT: readonly Taker[] = ['agent']
const ADMIN: readonly Taker[] = ['agent', 'admin']

/** As whom somebody takes steps with a ticket. */
export function takersOf(actor: Pick<Actor, 'id' | 'role'>, ticket: Seen): readonly Taker[] {
  if (ticket.view === 'staff') return actor.role === 'admin' ? ADMIN : AGENT
  return isOwner(actor, ticket) ? OWNER : NOBODY
}

/** Whether somebody may close, reopen, or change subject and priority. */
export function canSteer(actor: Pick<Actor, 'id'>, ticket: Seen): boolean {
  return canWork(ticket) || isOwner(actor, ticket)
}

/**
 * Whether somebody may bring others into the ticket, and take them out: to what is his own, or as who works on it. Only who sees the
 * staff side may make an agent follow it.
 */
export function canInvite(actor: Pick<Actor, 'id'>, ticket: Seen, role: 'cc' | 'follower'): boolean {
  return canWork(ticket) || (role === 'cc' && isOwner(actor, ticket))
}

/** Whether somebody may say what a person wants to hear of the ticket: that person, or an admin. */
export function canSetNotify(actor: Actor, user_id: string): boolean {
  return actor.id === user_id || actor.role === 'admin'
}

export const rights = ['read', 'reply', 'note', 'invite', 'steer'] as const
export type Right = (typeof rights)[number]

/** What the rules let somebody do who sees the ticket, whatever its state. */
export function rightsIn(actor: Pick<Actor, 'id'>, ticket: Seen): Right[] {
  const may: Record<Right, boolean> = {
    read: true,
    reply: true,
    note: canWork(ticket),
    invite: canInvite(actor, ticket, 'cc'),
    steer: canSteer(actor, ticket),
  }
  return rights.filter((right) => may[right])
}

/** Whether a ticket can be somebody's work: people of the staff, not API keys. */
export function canOwnTickets(actor: Actor): boolean {
  return isStaff(actor) && actor.type === 'user'
}
