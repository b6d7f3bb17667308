import { type Actor, isStaff } from '../../platform/actor.ts'
import type { ViewRow } from './tables.ts'

/** Whether somebody can have views of his own: people of the staff, not API keys. */
export function canOwnViews(actor: Actor): boolean {
  return isStaff(actor) && actor.type === 'user'
}

/** Whether somebody may change or delete a view that he sees. */
export function canChange(actor: Actor, view: Pick<ViewRow, 'owner_id'>): boolean {
  return actor.role === 'admin' || view.owner_id === actor.id
}

/** Whether somebody may give a view that he sees to another owner. */
export function canHandOver(actor: Actor): boolean {
  return actor.role === 'admin'
}
