import { type Actor, isStaff } from '../../platform/actor.ts'
import { canWork, type SeenTicket } from '../tickets/index.ts'

/** Whether somebody sees and changes the links of a ticket: they are for those who work on it. */
export function canLink(actor: Actor, ticket: SeenTicket): boolean {
  return isStaff(actor) && canWork(ticket)
}
