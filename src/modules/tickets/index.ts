import type { StillSees } from '../../platform/http/idempotency.ts'
import type { Ground, Module } from '../../platform/module.ts'
import type { MessageParts } from '../messages/index.ts'
import { closeQuietTicket } from './commands/close-quiet-ticket.ts'
import { wakeTicket } from './commands/wake-ticket.ts'
import { ticketGauges } from './gauges.ts'
import { ticketJobs } from './jobs.ts'
import { participantRoutes } from './participant-routes.ts'
import { findVisibleTicket } from './queries.ts'
import { ticketRoutes, type Upstairs } from './routes.ts'
import './tables.ts'
import { CLOSE, WAKE } from './timers.ts'

export { changeTicket } from './change.ts'
export { addMessage } from './commands/add-message.ts'
export { giveTicket, lockTicket, takeTicketFrom } from './commands/assign-ticket.ts'
export { addParticipant, takeInFollowers } from './commands/change-participants.ts'
export { addTags, removeTag } from './commands/change-tags.ts'
export { closeTicket } from './commands/close-ticket.ts'
export { deleteTicket } from './commands/delete-ticket.ts'
export type { NewTicket, Raised } from './commands/insert-ticket.ts'
export { addJoined, carryNotify, type Joined, joinedOf, participantsOf, removeJoined } from './commands/join-people.ts'
export { openFollowUp } from './commands/open-follow-up.ts'
export { openSplitOff } from './commands/open-split-off.ts'
export { purgeTickets } from './commands/purge-tickets.ts'
export { type ByMail, type RaisedTicket, raiseTicket } from './commands/raise-ticket.ts'
export { redactSubject } from './commands/redact-subject.ts'
export { replaceTag } from './commands/replace-tag.ts'
export { type LineCursor, rerankLine } from './commands/rerank-line.ts'
export { setOwnNotify } from './commands/set-notify.ts'
export { type TicketChanges as ChangesOfTicket, updateTicket } from './commands/update-ticket.ts'

export {
  type AssignmentReason,
  type AssignmentWhy,
  ticketAssigned,
  ticketCreated,
  ticketDeleted,
  ticketStatusChanged,
  ticketUpdated,
  ticketWoken,
} from './events.ts'
export { factsOf, type TicketFacts } from './facts.ts'
export { hasValues, isNamedByFields } from './field-values.ts'
export { sortKey } from './list-tickets.ts'
export { closeAsMerged, type StandingBefore, standAgain, standingBefore } from './merged-standing.ts'
export type { Notify } from './participant.ts'
export { listParticipants, notifyOf, whoSees } from './participants.ts'
export { canOwnTickets, canWork, isOwner, takersOf } from './policy.ts'
export { type SeenTicket, toTicket } from './present.ts'
export {
  ClaimOnly,
  TicketClosed,
  TicketMerged,
  TooManyParticipants,
  TooManyTags,
  TransitionNotAllowed,
} from './problems.ts'

export {
  defineFindTicket,
  findConversation,
  findVisibleTicket,
  findVisibleTickets,
  getConversation,
  getVisibleTicket,
  isNamedByTickets,
  lockInOrder,
  lockPair,
  seenTicket,
  type TicketReference,
} from './queries.ts'
export { answerTicket, positionFor, type TicketToRead, toListedTicket, type Unread, type UnreadOf } from './routes.ts'
export {
  countSavedTickets,
  listSavedTickets,
  matchSavedTickets,
  requireSavedList,
  type SavedList,
  savedSort,
} from './saved-filters.ts'
export { ListInclude, Ticket, TicketChanges, TicketList, TicketParams, TicketSort } from './schema.ts'
export type { StatusCategory, TicketRow } from './tables.ts'
export { ticketEtag, toPriority, type View, waits } from './ticket.ts'
export {
  type ScopeFacts,
  type ScopeSlots,
  scopeShape,
  scopeValues,
  seesAnySide,
  seesStaffSide,
  viewOf,
} from './visibility.ts'

export { CLAIM_EXPIRY, PUSH, ROOM } from './waiting.ts'

/** Whether an actor still sees a ticket, and at least the side that an earlier answer showed him. */
const stillSees: StillSees = async (db, actor, { id, view }) => {
  const ticket = await findVisibleTicket(db, actor, id)
  return ticket !== undefined && (view !== 'staff' || ticket.view === 'staff')
}

export function createTickets(ground: Ground, parts: MessageParts & Upstairs): Module & { stillSees: StillSees } {
  return {
    routes: [...ticketRoutes({ ...ground, ...parts }), ...participantRoutes(ground)],
    pages: [],
    gauges: ticketGauges,
    reactions: [],
    timers: [
      { name: WAKE, fire: (tx, { subject_id, due_at }) => wakeTicket(tx, { ticket_id: subject_id, due_at }) },
      { name: CLOSE, fire: (tx, { subject_id }) => closeQuietTicket(tx, subject_id) },
    ],
    jobs: ticketJobs,
    stillSees,
  }
}
