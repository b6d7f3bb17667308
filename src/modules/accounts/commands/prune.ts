import type { Ground } from '../../../platform/module.ts'
import type { Tx } from '../../../platform/transaction.ts'

const KEPT_MS = 30 * 86_400_000
const BATCH = 500

/**
 * Takes away registrations, links and sessions that ended or expired more than thirty days ago, a batch in each transaction.
 * Answers how many rows went.
 */
export async function pruneAccounts({ transact }: Pick<Ground, 'transact'>): Promise<number> {
  let pruned = 0
  for (const table of ['registrations', 'mail_tokens', 'sessions'] as const) {
    for (;;) {
      const count = await transact((tx) => pruneBatch(tx, table))
      pruned += count
      if (count < BATCH) break
    }
  }
  return pruned
}

/** A session that was ended early stays until it would have expired: the index is by expiry. */
async function pruneBatch(tx: Tx, table: 'registrations' | 'mail_tokens' | 'sessions'): Promise<number> {
  const old = await tx.db
    .selectFrom(table)
    .select('id')
    .where('expires_at', '<', tx.now - KEPT_MS)
    .limit(BATCH)
    .execute()
  if (old.length === 0) return 0
  const ids = old.map(({ id }) => id)
  await tx.db.deleteFrom(table).where('id', 'in', ids).execute()
  return ids.length
}
