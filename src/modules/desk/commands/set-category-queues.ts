import { forShare } from '../../../platform/database/dialect.ts'
import { insertRows } from '../../../platform/database/prepared.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'

/** Makes a category one for these queues and no others; answers them in the order of their ids. Refuses one that is not there. */
export async function setCategoryQueues(
  tx: Tx,
  { category_id, queue_ids }: { category_id: string; queue_ids: readonly string[] },
): Promise<string[]> {
  const sorted = [...new Set(queue_ids)].sort()
  const found = sorted.length === 0 ? [] : await held(tx, sorted)
  const missing = sorted.find((id) => !found.includes(id))
  if (missing !== undefined)
    throw invalidField(`/queue_ids/${queue_ids.indexOf(missing)}`, 'not_found', 'There is no such queue.')
  await tx.db.deleteFrom('category_queues').where('category_id', '=', category_id).execute()
  await insertRows(
    tx.db,
    'category_queues',
    sorted.map((queue_id) => ({ category_id, queue_id })),
  )
  return sorted
}

/** Those of these queues that there are; they stay until the transaction ends. */
async function held(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const queues = tx.db.selectFrom('queues').select('id').where('id', 'in', ids).orderBy('id')
  return (await forShare(tx.db, queues).execute()).map(({ id }) => id)
}
