import type { Tx } from '../../../platform/transaction.ts'

const BATCH = 500

/** Takes away a bounded number of mails that ended before a time. */
export async function pruneMails(tx: Tx, before: number): Promise<{ pruned: number; isFull: boolean }> {
  const rows = await tx.db
    .selectFrom('outbound_mails')
    .select('id')
    .where('created_at', '<', before)
    .where('state', 'not in', ['queued', 'sending', 'deferred'])
    .where('updated_at', '<', before)
    .orderBy('created_at')
    .limit(BATCH)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await tx.db.deleteFrom('outbound_mails').where('id', 'in', ids).execute()
  return { pruned: ids.length, isFull: ids.length === BATCH }
}
