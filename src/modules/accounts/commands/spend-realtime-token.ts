import type { Tx } from '../../../platform/transaction.ts'

/** Spends a token: of several who try at the same moment, on whatever nodes, one gets true. */
export async function spendRealtimeToken(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('realtime_tokens')
    .where('id', '=', id)
    .where('expires_at', '>', tx.now)
    .executeTakeFirstOrThrow()
  return numDeletedRows === 1n
}
