import type { Ground, Module } from '../../platform/module.ts'
import type { MessageParts } from '../messages/index.ts'
import { pruneDrafts } from './commands/prune-drafts.ts'
import { draftRoutes } from './draft-routes.ts'
import { conversationReactions } from './reactions.ts'
import { redactionRoutes } from './redaction-routes.ts'
import { messageRoutes } from './routes.ts'
import './tables.ts'

export { attachmentKeeper } from './attachment-keeper.ts'
export { linkMentioned, lockMentioned } from './commands/link-mentioned.ts'
export { type NewMessage, type Posted, postMessage } from './commands/post-message.ts'
export { attachmentsInDrafts } from './draft-queries.ts'

/** The verbs of a conversation: posting, drafting, editing, taking back, redacting. */
export function createConversation(
  ground: Ground,
  parts: MessageParts,
): Module & {
  /** Removes what is left of drafts that were discarded long ago; answers how many. */
  prune(): Promise<number>
} {
  const { transact } = ground
  return {
    routes: [...messageRoutes({ ...ground, ...parts }), ...draftRoutes(ground), ...redactionRoutes(ground)],
    pages: [],
    reactions: conversationReactions(ground),
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
