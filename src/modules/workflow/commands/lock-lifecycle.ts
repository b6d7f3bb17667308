import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { LifecycleRow } from '../tables.ts'

/** The lifecycle, which nobody else changes until the transaction ends; 404 without it, 412 when it has changed. */
export async function lockLifecycle(
  tx: Tx,
  { lifecycle_id, if_match }: { lifecycle_id: string; if_match: readonly string[] | undefined },
): Promise<LifecycleRow> {
  const query = tx.db.selectFrom('lifecycles').selectAll().where('id', '=', lifecycle_id)
  const row = await forUpdate(tx.db, query).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}
