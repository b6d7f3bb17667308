import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { QueueRow } from '../tables.ts'

/** The queue, which nobody else changes until the transaction ends; 404 without it, 412 when it is not as the caller read it. */
export async function lockQueue(
  tx: Tx,
  { queue_id, if_match }: { queue_id: string; if_match: readonly string[] | undefined },
): Promise<QueueRow> {
  const row = await forUpdate(tx.db, tx.db.selectFrom('queues').selectAll().where('id', '=', queue_id)).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}
