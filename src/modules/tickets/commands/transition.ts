import type { Actor } from '../../../platform/actor.ts'
import type { Problem } from '../../../platform/problems.ts'
import { isOwner } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TransitionNotAllowed } from '../problems.ts'
import { allowedTransitions, type Status } from '../ticket.ts'

/** The status that somebody asks for, if he may bring the ticket there; else 409 with what is allowed. */
export function requireTransition(actor: Actor, ticket: SeenTicket, status: string): Status {
  const found = allowedTo(actor, ticket).find((key) => key === status)
  if (found) return found
  throw transitionNotAllowed(actor, ticket, status)
}

/** 409 for a step that the ticket cannot take from where it is, with those that it can. */
export function transitionNotAllowed(actor: Actor, ticket: SeenTicket, status: string): Problem {
  return TransitionNotAllowed({
    detail: `The ticket is ${ticket.status}: this does not bring it to ${status}.`,
    members: { allowed: [...allowedTo(actor, ticket)] },
  })
}

function allowedTo(actor: Actor, ticket: SeenTicket): readonly Status[] {
  const by = ticket.view === 'staff' ? 'staff' : isOwner(actor, ticket) ? 'owner' : 'nobody'
  return allowedTransitions(ticket.status_category, by)
}
