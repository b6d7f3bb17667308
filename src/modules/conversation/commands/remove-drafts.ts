import type { Tx } from '../../../platform/transaction.ts'

/** Removes all that anybody had begun to write in a ticket, for ever. */
export async function removeDrafts(tx: Tx, ticket_id: string): Promise<void> {
  await tx.db.deleteFrom('drafts').where('ticket_id', '=', ticket_id).execute()
}
