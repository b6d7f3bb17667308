import { forUpdate } from '../../../platform/database/dialect.ts'
import { redacted } from '../../../platform/redaction.ts'
import type { Tx } from '../../../platform/transaction.ts'

/**
 * Takes a passage out of the drafts in these tickets. Of an internal message only drafts from the staff side can quote it: to change
 * another one would tell its author of what he does not see.
 */
export async function redactDrafts(
  tx: Tx,
  { ticket_ids, passage, isInternal }: { ticket_ids: readonly string[]; passage: string; isInternal: boolean },
): Promise<void> {
  const all = tx.db
    .selectFrom('drafts')
    .select(['author_id', 'ticket_id', 'body', 'version'])
    .where('ticket_id', 'in', ticket_ids)
    .where('discarded_at', 'is', null)
    .$if(isInternal, (query) => query.where('side', '=', 'staff'))
  for (const { author_id, ticket_id, body: before, version } of await forUpdate(tx.db, all).execute()) {
    const body = redacted(before, passage)
    if (body === before) continue
    await tx.db
      .updateTable('drafts')
      .set({ body, updated_at: tx.now, version: version + 1 })
      .where('author_id', '=', author_id)
      .where('ticket_id', '=', ticket_id)
      .execute()
  }
}
