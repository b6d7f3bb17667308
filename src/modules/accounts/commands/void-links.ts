import type { Tx } from '../../../platform/transaction.ts'

/** Lets the links die that were mailed to a user by his name. (Those for a forgotten password die by their age.) */
export async function voidLinks(tx: Tx, user_id: string): Promise<void> {
  await tx.db
    .updateTable('mail_tokens')
    .set({ used_at: tx.now })
    .where('user_id', '=', user_id)
    .where('used_at', 'is', null)
    .execute()
}
