import type { Actor } from '../../../platform/actor.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'

/**
 * Makes sure that an author may attach these files to what he writes. As long as no module keeps files (TODO(#4): ask the door of
 * `attachments` here) there are none.
 */
export async function requireUsableAttachments(_tx: Tx, _actor: Actor, attachment_ids: readonly string[]): Promise<void> {
  if (attachment_ids.length > 0)
    throw invalidField('/attachment_ids/0', 'not_found', 'There is no such attachment that you may use.')
}
