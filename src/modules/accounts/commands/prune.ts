import type { Tx } from '../../../platform/transaction.ts'

const KEPT_MS = 30 * 86_400_000
const BATCH = 500

/** The tables whose rows are of no use once they have expired. */
export const perishable = ['registrations', 'mail_tokens', 'sessions'] as const

/**
 * Takes away rows that expired more than thirty days ago, one batch of them. A session that ended early stays until then,
 * too. Answers how many went, and whether there may be more.
 */
export async function pruneExpired(tx: Tx, table: (typeof perishable)[number]): Promise<{ pruned: number; isFull: boolean }> {
  const before = tx.now - KEPT_MS
  const old = await tx.db.selectFrom(table).select('id').where('expires_at', '<', before).limit(BATCH).execute()
  if (old.length === 0) return { pruned: 0, isFull: false }
  const ids = old.map(({ id }) => id)
  await tx.db.deleteFrom(table).where('id', 'in', ids).execute()
  return { pruned: ids.length, isFull: ids.length === BATCH }
}
