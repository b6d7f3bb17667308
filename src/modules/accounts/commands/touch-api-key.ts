import type { Tx } from '../../../platform/transaction.ts'

/** Notes that an API key was used. That is no change of the key: its version stays. */
export async function touchApiKey(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('api_keys')
    .set({ last_used_at: tx.now })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', tx.now)]))
    .execute()
}
