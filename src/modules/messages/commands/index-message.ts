import { indexDocument } from '../../../platform/database/search.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { MessageRow } from '../tables.ts'

/** Makes the text of a message found by search. */
export async function indexMessage(tx: Tx, { id, ticket_id, visibility, body }: MessageRow, replaces = false): Promise<void> {
  await indexDocument(tx.db, 'ticket_search', { id, owner_id: ticket_id, visibility, text: body, replaces })
}
