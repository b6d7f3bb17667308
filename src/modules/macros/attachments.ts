import type { Actor } from '../../platform/actor.ts'
import { invalidFields } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'

/** Makes sure that each is an attachment that this actor may put into a message; throws 422 with a pointer to each that is not. */
export async function requireUsableAttachments(
  _tx: Tx,
  _actor: Actor,
  { ids, pointer }: { ids: readonly string[]; pointer: string },
): Promise<void> {
  // Nothing can be uploaded yet, so there is none.
  if (ids.length === 0) return
  throw invalidFields(
    ids.map((_, i) => ({ pointer: `${pointer}/${i}`, code: 'not_found', detail: 'There is no such attachment.' })),
  )
}
