import type { Ground, Module } from '../../platform/module.ts'
import { messageRoutes } from './routes.ts'

export { attachmentKeeper } from './attachment-keeper.ts'

/** Posting, editing and taking back what is said in tickets. */
export function createConversation(ground: Ground, limits: { attachmentsPerMessage: number }): Module {
  return { routes: messageRoutes({ ...ground, ...limits }), pages: [], reactions: [] }
}
