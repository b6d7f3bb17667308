import type { Ground, Module } from '../../platform/module.ts'
import { messageRoutes } from './routes.ts'

export { linkMentioned, lockMentioned } from './commands/link-mentioned.ts'

export function createConversation(ground: Ground): Module {
  return { routes: messageRoutes(ground), pages: [], reactions: [] }
}
