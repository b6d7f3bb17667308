import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { CategoryRow } from '../tables.ts'

/** The category, which nobody else changes until the transaction ends; 404 without it, 412 when it has changed. */
export async function lockCategory(
  tx: Tx,
  { category_id, if_match }: { category_id: string; if_match: readonly string[] | undefined },
): Promise<CategoryRow> {
  const query = tx.db.selectFrom('categories').selectAll().where('id', '=', category_id)
  const row = await forUpdate(tx.db, query).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}
