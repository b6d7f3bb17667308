import type { Ground, Module } from '../../platform/module.ts'
import { macroReactions } from './reactions.ts'
import { cannedReplyRoutes } from './routes/canned-replies.ts'
import { macroRoutes } from './routes/macros.ts'
import './tables.ts'

/** Canned replies and macros: what staff keep to write it, or do it, again. */
export function createMacros(ground: Ground): Module {
  return { routes: [...cannedReplyRoutes(ground), ...macroRoutes(ground)], pages: [], reactions: macroReactions(ground) }
}
