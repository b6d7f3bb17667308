import { fromJson } from '../../platform/codecs.ts'
import { appliesTo, type FieldValues, missingForSolve } from '../fields/index.ts'
import { type StatusDefinition, statusOf, type Taker, type Transition, transitionsFrom } from '../workflow/index.ts'
import type { ShownTicket } from './present.ts'

/** A step that somebody may take with a ticket, and what it lacks for it. */
export interface Step {
  status: StatusDefinition
  missing_fields: readonly string[]
}

/** Where a ticket may go from here by the hand of one of these, whether or not it has what the step asks for. */
export function stepsFrom(ticket: ShownTicket, by: readonly Taker[]): Step[] {
  return waysFrom(ticket, by).map((step) => {
    const status = statusOf(ticket.lifecycle, step.to)
    return { status, missing_fields: missingFields(ticket, { step, status, by }) }
  })
}

/** The keys of the statuses to which it can go at once. */
export function allowedTransitions(ticket: ShownTicket, by: readonly Taker[]): string[] {
  const steps = waysFrom(ticket, by)
  const keys = ticket.definitions.in_use.size === 0 ? keysWithoutMore(steps) : null
  if (keys) return keys
  return stepsFrom(ticket, by)
    .filter(({ missing_fields }) => missing_fields.length === 0)
    .map(({ status }) => status.key)
}

// The steps out of a status are found once for each definition, and most ask for nothing.
const withoutMore = new WeakMap<readonly Transition[], string[] | null>()

/** Where these steps lead, when none of them asks for anything. */
function keysWithoutMore(steps: readonly Transition[]): string[] | null {
  let keys = withoutMore.get(steps)
  if (keys === undefined) {
    keys = steps.every(({ required_fields }) => required_fields.length === 0) ? steps.map(({ to }) => to) : null
    withoutMore.set(steps, keys)
  }
  return keys
}

/** Who is shown a hidden status under another name takes no step to that one: he is told that the ticket is there. */
function waysFrom(ticket: ShownTicket, by: readonly Taker[]): readonly Transition[] {
  const steps = transitionsFrom(ticket.lifecycle, ticket.status, by)
  if (ticket.view === 'staff' || ticket.public_status === null) return steps
  return steps.filter(({ to }) => to !== ticket.public_status)
}

interface Taken {
  step: Transition
  status: StatusDefinition
  by: readonly Taker[]
}

/** What the step, or the fields themselves, ask for and the ticket has not. A field that is out of use is asked of nobody. */
function missingFields(ticket: ShownTicket, { step, status, by }: Taken): string[] {
  const { definitions, type_id } = ticket
  const values: FieldValues = ticket.fields === '{}' ? {} : fromJson(ticket.fields)
  const missing = step.required_fields.filter((name) => {
    if (!name.startsWith('fields.')) return Object.hasOwn(ticket, name) && ticket[name as keyof ShownTicket] === null
    const field = definitions.in_use.get(name.slice('fields.'.length))
    return field !== undefined && appliesTo(field, type_id) && !Object.hasOwn(values, field.key)
  })
  // What must be known of a solved ticket is asked of staff, who know it.
  if (definitions.in_use.size > 0 && by.includes('agent') && isDone(status) && !isDone({ category: ticket.status_category }))
    for (const key of missingForSolve(definitions, values, type_id))
      if (!missing.includes(`fields.${key}`)) missing.push(`fields.${key}`)
  return missing
}

function isDone({ category }: Pick<StatusDefinition, 'category'>): boolean {
  return category === 'solved' || category === 'closed'
}
