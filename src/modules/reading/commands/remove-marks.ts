import type { Tx } from '../../../platform/transaction.ts'

/** Removes everybody's marks in a ticket, for ever. */
export async function removeMarks(tx: Tx, ticket_id: string): Promise<void> {
  await tx.db.deleteFrom('read_marks').where('ticket_id', '=', ticket_id).execute()
}
