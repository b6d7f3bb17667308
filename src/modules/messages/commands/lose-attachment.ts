import type { Tx } from '../../../platform/transaction.ts'
import type { MessageRow } from '../tables.ts'

/** Counts one attachment less for a message whose ticket's row is locked; answers its row as it is then. */
export async function loseAttachment(tx: Tx, message_id: string): Promise<MessageRow> {
  await tx.db
    .updateTable('messages')
    .set((eb) => ({
      attachment_count: eb('attachment_count', '-', 1),
      version: eb('version', '+', 1),
      updated_at: tx.now,
    }))
    .where('id', '=', message_id)
    .execute()
  return tx.db.selectFrom('messages').selectAll().where('id', '=', message_id).executeTakeFirstOrThrow()
}
