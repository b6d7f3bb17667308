import type { Tx } from '../../../platform/transaction.ts'

const KEPT_MS = 30 * 86_400_000
const BATCH = 500

/** Removes what is left of drafts that were discarded thirty days ago, one batch; answers whether there may be more. */
export async function pruneDrafts(tx: Tx): Promise<{ pruned: number; isFull: boolean }> {
  const old = await tx.db
    .selectFrom('drafts')
    .select(['author_id', 'ticket_id'])
    .where('discarded_at', '<', tx.now - KEPT_MS)
    .limit(BATCH)
    .execute()
  for (const { author_id, ticket_id } of old)
    await tx.db
      .deleteFrom('drafts')
      .where('author_id', '=', author_id)
      .where('ticket_id', '=', ticket_id)
      // One that was begun anew in between stays.
      .where('discarded_at', '<', tx.now - KEPT_MS)
      .execute()
  return { pruned: old.length, isFull: old.length === BATCH }
}
