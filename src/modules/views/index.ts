import type { Ground, Module } from '../../platform/module.ts'
import { viewReactions } from './reactions.ts'
import { queueCountRoutes } from './routes/queue-counts.ts'
import { viewRoutes } from './routes/views.ts'
import './tables.ts'

/** Work lists that people keep, and the numbers of views and queues. */
export function createViews(ground: Ground): Module {
  return { routes: [...viewRoutes(ground), ...queueCountRoutes(ground)], pages: [], reactions: viewReactions(ground) }
}
