import type { Module } from '../../platform/module.ts'
import { historyRoutes } from './routes.ts'

/** The log of what happened, for those who may see it. */
export function createHistory(): Module {
  return { routes: historyRoutes, pages: [], reactions: [] }
}
