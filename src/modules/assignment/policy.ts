import type { Actor } from '../../platform/actor.ts'

/** Whether somebody may change an agent: an admin anything, an agent whether he himself is there. */
export function canChangeAgent(actor: Actor, { user_id, keys }: { user_id: string; keys: readonly string[] }): boolean {
  if (actor.role === 'admin') return true
  return actor.id === user_id && keys.every((key) => key === 'availability')
}

/** Whether somebody may hand over an agent's tickets: an admin anybody's, an agent his own. */
export function canHandOver(actor: Actor, user_id: string): boolean {
  return actor.role === 'admin' || actor.id === user_id
}
