import type { Ground, Module } from '../../platform/module.ts'
import { linkReactions } from './reactions.ts'
import { linkRoutes } from './routes.ts'
import './tables.ts'

export { linkTickets, writeLink } from './commands/link-tickets.ts'
export { purgeLinks } from './commands/purge-links.ts'
export { childrenOf, linksBetween, linksOf } from './queries.ts'

/** What tickets have to do with each other. */
export function createLinks(ground: Ground): Module {
  return { routes: linkRoutes(ground), pages: [], reactions: linkReactions(ground) }
}
