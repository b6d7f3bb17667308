import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes both halves of all links of these tickets out of the database; nobody is told. Answers how many rows went. */
export async function purgeLinks(db: Reader, ticket_ids: readonly string[]): Promise<number> {
  const own = await deleteRows(db, 'ticket_links', { column: 'ticket_id', values: ticket_ids })
  return own + (await deleteRows(db, 'ticket_links', { column: 'other_id', values: ticket_ids }))
}
