import type { Ground, Module } from '../../platform/module.ts'
import { FORGET, forgetMoved } from './commands/forget-merge.ts'
import type { Moving } from './moving.ts'
import { mergeRoutes } from './routes.ts'
import './tables.ts'

export { purgeMerges } from './commands/purge-merges.ts'
export { movingNews } from './events.ts'

/** Tickets that go into one another, come out again, and are split. */
export function createMerging(ground: Ground, { moving }: { moving: Moving }): Module {
  return {
    routes: mergeRoutes({ ...ground, moving }),
    pages: [],
    reactions: [],
    timers: [{ name: FORGET, fire: (tx, { subject_id }) => forgetMoved(tx, subject_id) }],
  }
}
