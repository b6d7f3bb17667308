import type { Tx } from '../../../platform/transaction.ts'

/** Writes down that the bytes of a mail are gone; what became of it stays. */
export async function forgetRaw(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('inbound_mails')
    .set((eb) => ({ storage_key: '', updated_at: tx.now, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}
