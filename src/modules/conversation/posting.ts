import type { Static } from 'typebox'
import { type Actor, isStaff } from '../../platform/actor.ts'
import { bodyValidator } from '../../platform/http/validate.ts'
import type { Renderer } from '../../platform/markdown/renderer.ts'
import type { Tx } from '../../platform/transaction.ts'
import { requireFew } from '../attachments/index.ts'
import { toText } from '../messages/index.ts'
import type { TicketReference } from '../tickets/index.ts'
import { type Posted, postMessage } from './commands/post-message.ts'
import { NewMessage, NewMessageByRequester } from './schema.ts'

/** A message as somebody sent it, whichever way it came. */
export interface Sent {
  ticket: TicketReference
  body: Static<typeof NewMessage>
  /** The ticket as its author read it. */
  if_match?: readonly string[] | undefined
}

/** Does what takes time, and gives what is left: the transaction in which a message is posted. */
export type PreparePost = (actor: Actor, sent: Sent) => Promise<(tx: Tx) => Promise<Posted>>

export function createPosting({
  renderer,
  attachmentsPerMessage,
}: {
  renderer: Renderer
  attachmentsPerMessage: number
}): PreparePost {
  return async (actor, { ticket, body: { body, ...given }, if_match }) => {
    const text = await toText(renderer, body)
    const { visibility = 'public', ...more } = given
    requireFew(more.attachment_ids, attachmentsPerMessage)
    return (tx) => postMessage(tx, actor, { ticket, text, visibility, ...more, if_match })
  }
}

const checkByStaff = bodyValidator(NewMessage)
const checkByRequester = bodyValidator(NewMessageByRequester)

/** A message that came another way than by the operation which posts messages: throws 422 as that does, a requester's with what he may say. */
export function readNewMessage(actor: Actor, body: unknown): Static<typeof NewMessage> {
  const check = isStaff(actor) ? checkByStaff : checkByRequester
  check(body)
  // It has been checked by that very shape.
  return body as Static<typeof NewMessage>
}
