import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes the merges of these tickets into one another out of the database; nobody is told. Answers how many rows went. */
export async function purgeMerges(db: Reader, ticket_ids: readonly string[]): Promise<number> {
  if (ticket_ids.length === 0) return 0
  // Merges are few, and only those with both ends among the tickets are meant: the others hold the tickets back.
  const merges = await db.selectFrom('ticket_merges').select(['id', 'ticket_id', 'into_id']).execute()
  const among = new Set(ticket_ids)
  const values = merges.filter(({ ticket_id, into_id }) => among.has(ticket_id) && among.has(into_id)).map(({ id }) => id)
  const messages = await deleteRows(db, 'merged_messages', { column: 'merge_id', values })
  return messages + (await deleteRows(db, 'ticket_merges', { column: 'id', values }))
}
