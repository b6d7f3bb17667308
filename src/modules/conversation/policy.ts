import type { Actor } from '../../platform/actor.ts'
import type { MessageRow } from '../messages/index.ts'

/** Whether a message is this actor's own. */
export function isAuthor(actor: Actor, message: Pick<MessageRow, 'author_id'>): boolean {
  return message.author_id === actor.id
}
