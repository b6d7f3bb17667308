import { systemActor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { removeAttachment } from './delete-attachment.ts'

/** Removes uploads that no message names, some of them; answers how many. */
export async function expireUploads(tx: Tx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  const rows = tx.db.selectFrom('attachments').selectAll().where('id', 'in', ids).where('message_id', 'is', null).orderBy('id')
  // Looked at again under the lock: a message may have named one meanwhile.
  const unnamed = await forUpdate(tx.db, rows).execute()
  for (const row of unnamed) await removeAttachment(tx, systemActor, row)
  return unnamed.length
}
