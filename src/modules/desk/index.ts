import type { Ground, Module } from '../../platform/module.ts'
import type { IsInUse } from '../directory/index.ts'
import { categoryRoutes } from './routes/categories.ts'
import { queueRoutes } from './routes/queues.ts'
import { settingsRoutes } from './routes/settings.ts'
import './tables.ts'

export { type AssignmentMode, type AssignmentOrder, assignmentModes, assignmentOrders, isPushing } from './assignment.ts'
export { queueUpdated } from './events.ts'
export { isUsableQueue } from './policy.ts'
export { findCategory, presentCategories } from './queries/categories.ts'
export { agentQueueIds, findQueue, getQueue, isTeamInUse, presentQueues, pushingQueues } from './queries/queues.ts'
export { getSettings } from './queries/settings.ts'
export { Category, Queue } from './schema.ts'
export type { CategoryRow, QueueRow, SettingsRow } from './tables.ts'

/** Who else holds on to the desk's objects. */
export interface DeskDeps {
  /** Whether a ticket is, or ever was, in this queue. */
  isQueueInUse: IsInUse
  /** Whether a ticket has this category. */
  isCategoryInUse: IsInUse
}

/** Queues, categories, and what an admin sets while the desk runs. */
export function createDesk({ cursors }: Ground, deps: DeskDeps): Module {
  const { isQueueInUse, isCategoryInUse } = deps
  return {
    routes: [...queueRoutes({ cursors, isQueueInUse }), ...categoryRoutes({ cursors, isCategoryInUse }), ...settingsRoutes()],
    pages: [],
    reactions: [],
  }
}
