import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes all drafts in these tickets, and by these people, out of the database. Answers how many went. */
export async function purgeDrafts(
  db: Reader,
  { ticket_ids, user_ids }: { ticket_ids: readonly string[]; user_ids: readonly string[] },
): Promise<number> {
  const inTickets = await deleteRows(db, 'drafts', { column: 'ticket_id', values: ticket_ids })
  return inTickets + (await deleteRows(db, 'drafts', { column: 'author_id', values: user_ids }))
}
