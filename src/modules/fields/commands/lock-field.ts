import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { FieldRow } from '../tables.ts'

/** The field, of which no ticket gets or loses a value until the transaction ends; 404 without it, 412 when it has changed. */
export async function lockField(
  tx: Tx,
  { field_id, if_match }: { field_id: string; if_match: readonly string[] | undefined },
): Promise<FieldRow> {
  const query = tx.db.selectFrom('fields').selectAll().where('id', '=', field_id)
  const row = await forUpdate(tx.db, query).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}
