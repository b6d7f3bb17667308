import type { Tx } from '../../../platform/transaction.ts'

/** Removes what messages name, for ever, because the messages go: whoever deletes them says so. */
export async function removeAttachmentsOf(tx: Tx, message_ids: readonly string[]): Promise<void> {
  if (message_ids.length > 0) await tx.db.deleteFrom('attachments').where('message_id', 'in', message_ids).execute()
}
