import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findLifecycle } from '../queries.ts'

/** Gives a lifecycle to a queue, or makes it the one that new queues get: it stays in use until the transaction ends. */
export async function useLifecycle(tx: Tx, lifecycle_id: string, pointer: string): Promise<void> {
  const row = await findLifecycle(tx.db, lifecycle_id, 'for share')
  if (!row) throw invalidField(pointer, 'not_found', 'There is no such lifecycle.')
  if (row.archived_at !== null) throw invalidField(pointer, 'archived', 'This lifecycle is out of use.')
  if (row.used_at === null)
    await tx.db
      .updateTable('lifecycles')
      .set({ used_at: tx.now })
      .where('id', '=', lifecycle_id)
      .where('used_at', 'is', null)
      .execute()
}
