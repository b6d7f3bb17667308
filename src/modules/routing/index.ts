import type { Ground, Module } from '../../platform/module.ts'
import { routingRoutes } from './routes.ts'
import './tables.ts'

export { renameTagInRules } from './commands/rename-tag-in-rules.ts'
export { type Plan, planActions } from './plan.ts'
export { toRouting } from './present.ts'
export { findRule, isNamedByRules, isTagInRules, listRules, presentRules, recentRules, toRule } from './queries.ts'
export { type Actions, evaluate, type Facts, firstMatch, type Rule } from './routing.ts'
export { Routing, RoutingRule } from './schema.ts'
export type { RoutingRuleRow } from './tables.ts'

/** The rules that say where tickets go by themselves. */
export function createRouting({ cursors }: Ground): Module {
  return { routes: routingRoutes({ cursors }), pages: [], reactions: [] }
}
