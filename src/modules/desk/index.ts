import type { Ground, Module } from '../../platform/module.ts'
import './tables.ts'

export function createDesk(_ground: Ground): Module {
  return { routes: [], pages: [], reactions: [] }
}
