import type { StillSees } from '../../platform/http/idempotency.ts'
import type { Ground, Module } from '../../platform/module.ts'
import { closeQuietTicket } from './commands/close-quiet-ticket.ts'
import { wakeTicket } from './commands/wake-ticket.ts'
import { ticketJobs } from './jobs.ts'
import { findVisibleTicket } from './queries.ts'
import { ticketRoutes } from './routes.ts'
import './tables.ts'
import { CLOSE, WAKE } from './timers.ts'

export { changeTicket } from './change.ts'
export { addMessage } from './commands/add-message.ts'
export { giveTicket, lockTicket, takeTicketFrom } from './commands/assign-ticket.ts'
export { addTags, removeTag } from './commands/change-tags.ts'
export { openFollowUp } from './commands/open-follow-up.ts'
export { replaceTag } from './commands/replace-tag.ts'
export { type LineCursor, rerankLine } from './commands/rerank-line.ts'
export { type TicketChanges, updateTicket } from './commands/update-ticket.ts'

export { type AssignmentReason, type AssignmentWhy, ticketDeleted, ticketUpdated } from './events.ts'
export { hasValues, isNamedByFields } from './field-values.ts'
export { sortKey } from './list-tickets.ts'

export { canOwnTickets, canWork, isOwner } from './policy.ts'
export { type SeenTicket, toTicket } from './present.ts'
export { ClaimOnly, TicketClosed, TooManyTags, TransitionNotAllowed } from './problems.ts'
export {
  findVisibleTicket,
  getVisibleTicket,
  isNamedByTickets,
  seenTicket,
  type TicketReference,
} from './queries.ts'
export { answerTicket } from './routes.ts'
export { countSavedTickets, listSavedTickets, requireSavedList, type SavedList, savedSort } from './saved-filters.ts'
export { Ticket, TicketList, TicketParams, TicketSort } from './schema.ts'
export type { StatusCategory, TicketRow } from './tables.ts'
export { ticketEtag, toPriority, waits } from './ticket.ts'
export { scopeShape, scopeValues, seesAnySide, seesStaffSide } from './visibility.ts'
export { CLAIM_EXPIRY, PUSH, ROOM } from './waiting.ts'

/** Whether an actor still sees a ticket, and at least the side that an earlier answer showed him. */
const stillSees: StillSees = async (db, actor, { id, view }) => {
  const ticket = await findVisibleTicket(db, actor, id)
  return ticket !== undefined && (view !== 'staff' || ticket.view === 'staff')
}

export function createTickets(ground: Ground): Module & { stillSees: StillSees } {
  return {
    routes: ticketRoutes(ground),
    pages: [],
    reactions: [],
    timers: [
      { name: WAKE, fire: (tx, { subject_id, due_at }) => wakeTicket(tx, { ticket_id: subject_id, due_at }) },
      { name: CLOSE, fire: (tx, { subject_id }) => closeQuietTicket(tx, subject_id) },
    ],
    jobs: ticketJobs,
    stillSees,
  }
}
