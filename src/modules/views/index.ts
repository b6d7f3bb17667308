import type { Ground, Module } from '../../platform/module.ts'
import type { UnreadOf } from '../tickets/index.ts'
import { viewReactions } from './reactions.ts'
import { queueCountRoutes } from './routes/queue-counts.ts'
import { viewRoutes } from './routes/views.ts'
import './tables.ts'

export { purgeViews } from './commands/purge-views.ts'
export { getUsableList } from './queries.ts'

/** Work lists that people keep, and the numbers of views and queues. */
export function createViews(ground: Ground, { unreadOf }: { unreadOf: UnreadOf }): Module {
  return {
    routes: [...viewRoutes({ ...ground, unreadOf }), ...queueCountRoutes(ground)],
    pages: [],
    reactions: viewReactions(ground),
  }
}
