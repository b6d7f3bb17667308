import type { Tx } from '../../../platform/transaction.ts'

/** Removes everything that was written in a ticket, for ever. */
export async function removeMessages(tx: Tx, ticket_id: string): Promise<void> {
  const ofTicket = tx.db.selectFrom('messages').select('id').where('ticket_id', '=', ticket_id)
  await tx.db.deleteFrom('message_revisions').where('message_id', 'in', ofTicket).execute()
  await tx.db.deleteFrom('messages').where('ticket_id', '=', ticket_id).execute()
}
