import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { TicketTypeRow } from '../tables.ts'

/** The ticket type, which nobody else changes until the transaction ends; 404 without it, 412 when it has changed. */
export async function lockTicketType(
  tx: Tx,
  { type_id, if_match }: { type_id: string; if_match: readonly string[] | undefined },
): Promise<TicketTypeRow> {
  const query = tx.db.selectFrom('ticket_types').selectAll().where('id', '=', type_id)
  const row = await forUpdate(tx.db, query).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}
