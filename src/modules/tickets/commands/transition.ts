import type { Actor } from '../../../platform/actor.ts'
import type { Problem } from '../../../platform/problems.ts'
import { type StatusCategory, type StatusDefinition, statusOf } from '../../workflow/index.ts'
import { takersOf } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TransitionNotAllowed } from '../problems.ts'
import { allowedTransitions, type Step, stepsFrom } from '../steps.ts'
import { shownStatus } from '../ticket.ts'

/** The status that somebody asks for, if he may bring the ticket there and it has what that takes; else 409. */
export function requireTransition(actor: Actor, ticket: SeenTicket, key: string): StatusDefinition {
  return takeStep(actor, ticket, { wanted: key, isWanted: (step) => step.status.key === key })
}

/** The first status of a category to which somebody may bring the ticket; else 409. */
export function requireStepInto(actor: Actor, ticket: SeenTicket, category: StatusCategory): StatusDefinition {
  return takeStep(actor, ticket, { wanted: category, isWanted: (step) => step.status.category === category })
}

/** The status in which somebody may close the ticket: at once, or in two steps by way of solved; else 409. */
export function requireClosing(actor: Actor, ticket: SeenTicket): StatusDefinition {
  const takers = takersOf(actor, ticket)
  const into = (from: SeenTicket, category: StatusCategory) =>
    stepsFrom(from, takers).filter(({ status, missing_fields }) => status.category === category && missing_fields.length === 0)
  const [direct] = into(ticket, 'closed')
  if (direct) return direct.status
  for (const { status: solved } of into(ticket, 'solved')) {
    const [then] = into({ ...ticket, status: solved.key, status_category: solved.category }, 'closed')
    if (then) return then.status
  }
  return requireStepInto(actor, ticket, 'closed')
}

function takeStep(
  actor: Actor,
  ticket: SeenTicket,
  { wanted, isWanted }: { wanted: string; isWanted: (step: Step) => boolean },
): StatusDefinition {
  const steps = stepsFrom(ticket, takersOf(actor, ticket)).filter(isWanted)
  const possible = steps.find(({ missing_fields }) => missing_fields.length === 0)
  if (possible) return possible.status
  throw transitionNotAllowed(actor, ticket, { wanted, missing_fields: steps[0]?.missing_fields ?? [] })
}

/** 409 for a step that the ticket cannot take from where it is: with those that it can, and what it lacks for this one. */
export function transitionNotAllowed(
  actor: Actor,
  ticket: SeenTicket,
  { wanted, missing_fields = [] }: { wanted: string; missing_fields?: readonly string[] },
): Problem {
  const from = ticket.view === 'staff' ? statusOf(ticket.lifecycle, ticket.status).key : shownStatus(ticket)
  const allowed = allowedTransitions(ticket, takersOf(actor, ticket))
  if (missing_fields.length === 0)
    return TransitionNotAllowed({
      detail: `The ticket is ${from}: this does not bring it to ${wanted}.`,
      members: { allowed },
    })
  return TransitionNotAllowed({
    detail: `Before the ticket goes to ${wanted} it needs ${missing_fields.join(', ')}.`,
    members: { allowed, missing_fields: [...missing_fields] },
  })
}
