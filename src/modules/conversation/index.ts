import type { Actor } from '../../platform/actor.ts'
import type { Ground, Module } from '../../platform/module.ts'
import type { Transact } from '../../platform/transaction.ts'
import type { MessageParts } from '../messages/index.ts'
import type { TicketReference } from '../tickets/index.ts'
import type { Posted } from './commands/post-message.ts'
import { pruneDrafts } from './commands/prune-drafts.ts'
import { draftRoutes } from './draft-routes.ts'
import { createPosting, readNewMessage } from './posting.ts'
import { conversationReactions } from './reactions.ts'
import { redactionRoutes } from './redaction-routes.ts'
import { type DeliveriesOf, messageRoutes } from './routes.ts'
import './tables.ts'

export { attachmentKeeper } from './attachment-keeper.ts'
export { linkMentioned, lockMentioned } from './commands/link-mentioned.ts'
export { type NewMessage, type Posted, postMessage } from './commands/post-message.ts'
export { purgeDrafts } from './commands/purge-drafts.ts'
export { requireLastMessage } from './commands/require-last-message.ts'
export { attachmentsInDrafts } from './draft-queries.ts'

export { messageMentioned } from './events.ts'
export { ConversationMovedOn } from './problems.ts'
export { ExpectedLastMessage } from './schema.ts'

/** The verbs of a conversation: posting, drafting, editing, taking back, redacting. */
export function createConversation(
  ground: Ground,
  parts: MessageParts & { deliveriesOf: DeliveriesOf },
): Module & {
  /** Posts a message that came over a live connection, in a transaction of its own: by the same rules as the operation that posts messages. */
  post(actor: Actor, sent: { ticket: TicketReference; body: unknown }, within: Transact): Promise<Posted>
  /** Removes what is left of drafts that were discarded long ago; answers how many. */
  prune(): Promise<number>
} {
  const { transact } = ground
  const preparePost = createPosting({ ...ground, ...parts })
  return {
    routes: [...messageRoutes({ ...ground, ...parts, preparePost }), ...draftRoutes(ground), ...redactionRoutes(ground)],
    pages: [],
    reactions: conversationReactions(ground),
    async post(actor, { ticket, body }, within) {
      const post = await preparePost(actor, { ticket, body: readNewMessage(actor, body) })
      return within(post)
    },
    async prune() {
      let total = 0
      for (let more = true; more; ) {
        const { pruned, isFull } = await transact(pruneDrafts)
        total += pruned
        more = isFull
      }
      return total
    },
  }
}
