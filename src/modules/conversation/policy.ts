import type { Actor } from '../../platform/actor.ts'
import type { MessageRow } from '../messages/index.ts'
import { canWork, type SeenTicket } from '../tickets/index.ts'
import type { DraftRow } from './tables.ts'

/** Whether a message is this actor's own. */
export function isAuthor(actor: Actor, message: Pick<MessageRow, 'author_id'>): boolean {
  return message.author_id === actor.id
}

/** Whether somebody may take a message from the public side. */
export function canMakeInternal(actor: Actor, ticket: SeenTicket, message: Pick<MessageRow, 'author_id'>): boolean {
  return canWork(ticket) && (actor.role === 'admin' || isAuthor(actor, message))
}

/** Whether somebody may take passages out of messages. */
export function canRedact(actor: Actor): boolean {
  return actor.role === 'admin'
}

/** Whether its author does not see a draft of his: a note, while he sees only the public side. */
export function isHiddenFrom(ticket: Pick<SeenTicket, 'view'>, draft: Pick<DraftRow, 'visibility'>): boolean {
  return draft.visibility === 'internal' && ticket.view !== 'staff'
}
