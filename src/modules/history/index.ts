import type { Module } from '../../platform/module.ts'
import { historyRoutes } from './routes.ts'

/** The log of what happened, for those who may see it. */
export function createHistory(): Module {
  return { routes: historyRoutes, pages: [], reactions: [] }
}

export { type EventJson, presentEvents, toEvent } from './present.ts'
export { CursorExpired } from './problems.ts'
export { type SeenEvent, withoutOverflow } from './queries.ts'
export { Event } from './schema.ts'
