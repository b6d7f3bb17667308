import { type Actor, isStaff } from '../../platform/actor.ts'
import { canWork, type SeenTicket } from '../tickets/index.ts'

/** Whether somebody takes tickets apart and puts them together: who works on them. */
export function canMerge(actor: Actor, ticket: SeenTicket): boolean {
  return isStaff(actor) && canWork(ticket)
}
