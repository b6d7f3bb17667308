import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { FIRST_KEY } from '../keys.ts'

/**
 * Signs reply addresses and Message-IDs with a new key from now on; what older ones signed stays good until they are retired. Answers the
 * number of the new one.
 */
export async function rotateMailKey(tx: Tx): Promise<number> {
  const newest = await tx.db.selectFrom('mail_keys').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  const id = (newest?.id ?? FIRST_KEY) + 1
  // Two that rotate at the same moment make one.
  await insertIfAbsent(tx.db, 'mail_keys', { id, created_at: tx.now, retired_at: null })
  return id
}

/** Takes what a key signed for forged from now on. False where it is the one that signs now, or never was. */
export async function retireMailKey(tx: Tx, id: number): Promise<boolean> {
  const newest = await tx.db.selectFrom('mail_keys').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  if (id < FIRST_KEY || id >= (newest?.id ?? FIRST_KEY)) return false
  // The first one has a row only once it is retired.
  if (await insertIfAbsent(tx.db, 'mail_keys', { id, created_at: tx.now, retired_at: tx.now })) return true
  await tx.db.updateTable('mail_keys').set({ retired_at: tx.now }).where('id', '=', id).where('retired_at', 'is', null).execute()
  return true
}
