import { type Actor, isStaff } from '../../platform/actor.ts'
import type { MacroRow } from './tables.ts'

/** Whether somebody can have canned replies and macros of his own: people of the staff, not API keys. */
export function canOwnMacros(actor: Actor): boolean {
  return isStaff(actor) && actor.type === 'user'
}

/** Whether somebody may change or delete what he sees. */
export function canChange(actor: Actor, row: Pick<MacroRow, 'owner_id'>): boolean {
  return actor.role === 'admin' || row.owner_id === actor.id
}

/** Whether somebody may share with the whole staff, or give what he sees to another owner. */
export function canDecideForAll(actor: Actor): boolean {
  return actor.role === 'admin'
}
