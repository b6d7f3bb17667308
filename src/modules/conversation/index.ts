import type { Ground, Module } from '../../platform/module.ts'
import type { MessageParts } from '../messages/index.ts'
import { messageRoutes } from './routes.ts'

export { attachmentKeeper } from './attachment-keeper.ts'

/** Posting, editing and taking back what is said in tickets. */
export function createConversation(ground: Ground, parts: MessageParts): Module {
  return { routes: messageRoutes({ ...ground, ...parts }), pages: [], reactions: [] }
}
