import type { Ground, Module } from '../../platform/module.ts'
import type { IsInUse } from '../directory/index.ts'
import { categoryRoutes } from './routes/categories.ts'
import { queueRoutes } from './routes/queues.ts'
import { settingsRoutes } from './routes/settings.ts'
import './tables.ts'

export { type AssignmentMode, type AssignmentOrder, assignmentModes, assignmentOrders, isPushing } from './assignment.ts'
export { foldTag, foldTags, type Priority, priorities } from './classification.ts'
export { createCategory } from './commands/create-category.ts'
export { createQueue } from './commands/create-queue.ts'
export { lockSettings } from './commands/lock-settings.ts'
export { purgeQueues } from './commands/purge-queues.ts'
export { CHANGE_LIFECYCLE } from './commands/update-queue.ts'
export { queueUpdated } from './events.ts'
export { isUsableQueue } from './policy.ts'
export { categoryLine, findCategory, isForQueue, isOpenCategory, presentCategories } from './queries/categories.ts'
export {
  agentQueueIds,
  agentsInQueue,
  findQueue,
  getQueue,
  getVisibleQueue,
  isLifecycleInUse,
  isTeamInUse,
  presentQueues,
  pushingQueues,
  queueIdsOfAgents,
} from './queries/queues.ts'
export { getSettings } from './queries/settings.ts'
export { tagOf } from './routes/tag.ts'
export { Category, PriorityName, Queue, Tag } from './schema.ts'
export type { CategoryRow, QueueRow, SettingsRow } from './tables.ts'
export { type UnverifiedMail, unverifiedMail } from './unverified-mail.ts'

/** Who else holds on to the desk's objects. */
export interface DeskDeps {
  /** Whether a ticket is, or ever was, in this queue. */
  isQueueInUse: IsInUse
  /** Whether mail becomes tickets of this queue. */
  hasMailbox: IsInUse
  /** Whether a ticket has this category. */
  isCategoryInUse: IsInUse
}

/** Queues, categories, and what an admin sets while the desk runs. */
export function createDesk({ cursors }: Ground, deps: DeskDeps): Module {
  const { isQueueInUse, hasMailbox, isCategoryInUse } = deps
  return {
    routes: [
      ...queueRoutes({ cursors, isQueueInUse, hasMailbox }),
      ...categoryRoutes({ cursors, isCategoryInUse }),
      ...settingsRoutes(),
    ],
    pages: [],
    reactions: [],
  }
}
