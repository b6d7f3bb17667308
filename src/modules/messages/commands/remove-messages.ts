import type { Tx } from '../../../platform/transaction.ts'
import { removeAttachmentsOf } from '../../attachments/index.ts'

/** Removes everything that was written in a ticket, for ever. */
export async function removeMessages(tx: Tx, ticket_id: string): Promise<void> {
  const ofTicket = tx.db.selectFrom('messages').select('id').where('ticket_id', '=', ticket_id)
  await tx.db.deleteFrom('message_revisions').where('message_id', 'in', ofTicket).execute()
  const withFiles = tx.db.selectFrom('messages').select('id').where('ticket_id', '=', ticket_id).where('attachment_count', '>', 0)
  await removeAttachmentsOf(
    tx,
    (await withFiles.execute()).map(({ id }) => id),
  )
  await tx.db.deleteFrom('messages').where('ticket_id', '=', ticket_id).execute()
}
