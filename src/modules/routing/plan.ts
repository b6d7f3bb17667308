import type { Reader } from '../../platform/database/schema.ts'
import { findQueue, isUsableQueue } from '../desk/index.ts'
import { findUser } from '../directory/index.ts'
import type { Actions } from './routing.ts'

/** An action of a rule that is not done, and why. */
interface Skipped {
  action: keyof Actions
  reason: 'queue_archived' | 'agent_inactive' | 'too_many_tags' | 'set_by_staff'
}

/** What is done of a rule's actions. */
export interface Plan {
  actions: Actions
  skipped: Skipped[]
}

/**
 * What can be done of these actions now: a queue that is out of use, or somebody who is no active agent any more, is passed over.
 * With `for share` the queue stays in use until the transaction ends.
 */
export async function planActions(db: Reader, wanted: Actions, lock?: 'for share'): Promise<Plan> {
  const { queue_id, assignee_id, ...rest } = wanted
  const plan: Plan = { actions: { ...rest }, skipped: [] }
  if (queue_id !== undefined) {
    const queue = await findQueue(db, queue_id, lock)
    if (queue && isUsableQueue(queue)) plan.actions.queue_id = queue_id
    else plan.skipped.push({ action: 'queue_id', reason: 'queue_archived' })
  }
  if (assignee_id !== undefined) {
    const user = await findUser(db, assignee_id)
    if (user?.active === 1 && user.role !== 'requester') plan.actions.assignee_id = assignee_id
    else plan.skipped.push({ action: 'assignee_id', reason: 'agent_inactive' })
  }
  return plan
}
