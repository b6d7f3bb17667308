import type { Ground, Module } from '../../platform/module.ts'
import type { MessageParts } from '../messages/index.ts'
import { macroReactions } from './reactions.ts'
import { cannedReplyRoutes } from './routes/canned-replies.ts'
import { macroRoutes } from './routes/macros.ts'
import './tables.ts'

export { seesMacro } from './attachments.ts'
export { purgeMacros } from './commands/purge-macros.ts'

/** Canned replies and macros: what staff keep to write it, or do it, again. */
export function createMacros(ground: Ground, parts: Pick<MessageParts, 'attachmentsPerMessage'>): Module {
  const given = { ...ground, ...parts }
  return { routes: [...cannedReplyRoutes(given), ...macroRoutes(given)], pages: [], reactions: macroReactions(ground) }
}
