import type { Ground, Module } from '../../platform/module.ts'

export function createHistory(_ground: Ground): Module {
  return { routes: [], pages: [], reactions: [] }
}
