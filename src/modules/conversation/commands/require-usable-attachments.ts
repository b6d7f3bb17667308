import type { Actor } from '../../../platform/actor.ts'
import { type FieldError, invalidFields } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { ownUploads } from '../../attachments/index.ts'

/**
 * Makes sure that an author may attach these files to what he writes: his own uploads, which stay until the transaction ends. What is
 * in his draft already may stay in it, so that a file that is gone keeps nobody from typing on.
 */
export async function requireUsableAttachments(
  tx: Tx,
  actor: Actor,
  { attachment_ids, before }: { attachment_ids: readonly string[]; before: readonly string[] },
): Promise<void> {
  const states = new Map((await ownUploads(tx.db, actor, attachment_ids, 'for share')).map((row) => [row.id, row.scan_state]))
  const errors = attachment_ids.flatMap((id, i): FieldError[] => {
    if (before.includes(id)) return []
    const at = { pointer: `/attachment_ids/${i}` }
    const state = states.get(id)
    if (state === undefined)
      return [{ ...at, code: 'not_found', detail: 'This is no upload of yours, or it is in use elsewhere.' }]
    return state === 'infected' ? [{ ...at, code: 'infected', detail: 'This file holds something harmful.' }] : []
  })
  if (errors.length > 0) throw invalidFields(errors)
}
