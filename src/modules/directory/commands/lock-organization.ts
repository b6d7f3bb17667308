import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { OrganizationRow } from '../tables.ts'

/** The organization, which nobody else changes until the transaction ends; 404 without it, 412 when it has changed. */
export async function lockOrganization(
  tx: Tx,
  { organization_id, if_match }: { organization_id: string; if_match: readonly string[] | undefined },
): Promise<OrganizationRow> {
  const query = tx.db.selectFrom('organizations').selectAll().where('id', '=', organization_id)
  const row = await forUpdate(tx.db, query).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}
