import type { Ground, Module } from '../../platform/module.ts'
import { workflowRoutes } from './routes.ts'
import './tables.ts'
import type { IsLifecycleInUse } from './in-use.ts'

export { ARM_CLOSING, REPLACE_STATUS } from './commands/update-lifecycle.ts'
export { useLifecycle } from './commands/use-lifecycle.ts'
export type { IsLifecycleInUse } from './in-use.ts'
export {
  automaticStep,
  defaultDefinition,
  firstIn,
  initialStatus,
  knowsStatus,
  type Lifecycle,
  mappedStatus,
  publicStatus,
  STATUS_KEY,
  type StatusCategory,
  type StatusDefinition,
  statusCategories,
  statusOf,
  type Taker,
  type Transition,
  transitionsFrom,
} from './lifecycle.ts'
export { findLifecycle, lifecycleOf, presentLifecycles, type Workflow, workflowOf } from './queries.ts'
export { Lifecycle as LifecycleObject } from './schema.ts'

/** Lifecycles: which statuses tickets have, and who may bring them from one to another. */
export function createWorkflow({ cursors }: Ground, deps: { isInUse: IsLifecycleInUse }): Module {
  return { routes: workflowRoutes({ cursors, ...deps }), pages: [], reactions: [] }
}
