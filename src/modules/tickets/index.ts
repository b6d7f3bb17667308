import type { Ground, Module } from '../../platform/module.ts'
import './tables.ts'

export function createTickets(_ground: Ground): Module {
  return { routes: [], pages: [], reactions: [] }
}
