import type { Ground, Module } from '../../platform/module.ts'
import { messageRoutes } from './routes.ts'

export { type NewMessage, type Posted, postMessage } from './commands/post-message.ts'

export function createConversation(ground: Ground): Module {
  return { routes: messageRoutes(ground), pages: [], reactions: [] }
}
