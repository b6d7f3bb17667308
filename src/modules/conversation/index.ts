import type { Ground, Module } from '../../platform/module.ts'
import type { FindImageLinks } from '../messages/index.ts'
import { messageRoutes } from './routes.ts'

export function createConversation(ground: Ground, { findImageLinks }: { findImageLinks: FindImageLinks }): Module {
  return { routes: messageRoutes({ ...ground, findImageLinks }), pages: [], reactions: [] }
}
