import type { Tx } from '../../../platform/transaction.ts'

const KEPT_MS = 30 * 86_400_000
const BATCH = 500

/** The tables whose rows are of no use once they have expired, and how long they stay all the same. */
const keptMs = { registrations: KEPT_MS, mail_tokens: KEPT_MS, sessions: KEPT_MS, realtime_tokens: 0 } as const
type Perishable = keyof typeof keptMs

export const perishable = Object.keys(keptMs) as Perishable[] // its own keys

/**
 * Takes away rows that expired more than thirty days ago, one batch of them; tokens for streams at once. A session that ended
 * early stays until then, too. Answers how many went, and whether there may be more.
 */
export async function pruneExpired(tx: Tx, table: Perishable): Promise<{ pruned: number; isFull: boolean }> {
  const before = tx.now - keptMs[table]
  const old = await tx.db.selectFrom(table).select('id').where('expires_at', '<', before).limit(BATCH).execute()
  if (old.length === 0) return { pruned: 0, isFull: false }
  const ids = old.map(({ id }) => id)
  await tx.db.deleteFrom(table).where('id', 'in', ids).execute()
  return { pruned: ids.length, isFull: ids.length === BATCH }
}
