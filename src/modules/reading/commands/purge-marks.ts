import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes the marks of these people, and everybody's in these tickets, out of the database. Answers how many went. */
export async function purgeMarks(
  db: Reader,
  { ticket_ids, user_ids }: { ticket_ids: readonly string[]; user_ids: readonly string[] },
): Promise<number> {
  const inTickets = await deleteRows(db, 'read_marks', { column: 'ticket_id', values: ticket_ids })
  return inTickets + (await deleteRows(db, 'read_marks', { column: 'user_id', values: user_ids }))
}
