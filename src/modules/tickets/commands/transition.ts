import type { Actor } from '../../../platform/actor.ts'
import { isOwner } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TransitionNotAllowed } from '../problems.ts'
import { allowedTransitions, type Status } from '../ticket.ts'

/** The status that somebody asks for, if he may bring the ticket there; else 409 with what is allowed. */
export function requireTransition(actor: Actor, ticket: SeenTicket, status: string): Status {
  const by = ticket.view === 'staff' ? 'staff' : isOwner(actor, ticket) ? 'owner' : 'nobody'
  const allowed = allowedTransitions(ticket.status_category, by)
  const found = allowed.find((key) => key === status)
  if (found) return found
  throw TransitionNotAllowed({
    detail: `From ${ticket.status} the ticket cannot go to ${status}.`,
    members: { allowed: [...allowed] },
  })
}
