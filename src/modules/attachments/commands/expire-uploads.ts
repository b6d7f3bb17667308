import { systemActor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { IsKept } from '../sweep.ts'
import { removeAttachment } from './delete-attachment.ts'

/** Removes uploads that nothing needs, some of them; answers how many. */
export async function expireUploads(tx: Tx, { ids, isKept }: { ids: readonly string[]; isKept: IsKept }): Promise<number> {
  if (ids.length === 0) return 0
  const rows = tx.db
    .selectFrom('attachments')
    .selectAll()
    .where('id', 'in', ids)
    .where('message_id', 'is', null)
    .where('kept_by', 'is', null)
    .orderBy('id')
  // Looked at again under the lock: a message may have named one meanwhile, and whoever writes one into a draft holds it.
  const unnamed = await forUpdate(tx.db, rows).execute()
  if (unnamed.length === 0) return 0
  const kept = await isKept(
    tx.db,
    unnamed.map(({ id }) => id),
  )
  const needless = unnamed.filter(({ id }) => !kept.has(id))
  for (const row of needless) await removeAttachment(tx, systemActor, row)
  return needless.length
}
