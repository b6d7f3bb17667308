import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes queues and categories that no ticket has out of the database; nobody is told. Answers how many rows went. */
export async function purgeQueues(
  db: Reader,
  { queue_ids, category_ids }: { queue_ids: readonly string[]; category_ids: readonly string[] },
): Promise<number> {
  let total = await deleteRows(db, 'category_queues', { column: 'queue_id', values: queue_ids })
  total += await deleteRows(db, 'category_queues', { column: 'category_id', values: category_ids })
  total += await deleteRows(db, 'categories', { column: 'id', values: category_ids })
  total += await deleteRows(db, 'queue_teams', { column: 'queue_id', values: queue_ids })
  return total + (await deleteRows(db, 'queues', { column: 'id', values: queue_ids }))
}
