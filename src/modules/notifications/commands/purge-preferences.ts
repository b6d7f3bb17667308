import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes what these people want to hear, and what waits to be told to them or about these tickets, out of the database. Answers how many rows went. */
export async function purgePreferences(
  db: Reader,
  { user_ids, ticket_ids }: { user_ids: readonly string[]; ticket_ids: readonly string[] },
): Promise<number> {
  let total = await deleteRows(db, 'digest_items', { column: 'user_id', values: user_ids })
  total += await deleteRows(db, 'digest_items', { column: 'ticket_id', values: ticket_ids })
  return total + (await deleteRows(db, 'notification_preferences', { column: 'user_id', values: user_ids }))
}
