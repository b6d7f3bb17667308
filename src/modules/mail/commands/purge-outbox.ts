import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes mail that was kept for these addresses, and the Message-IDs that stand for these tickets, out of the database. Answers how many rows went. */
export async function purgeOutbox(
  db: Reader,
  { ticket_ids, addresses }: { ticket_ids: readonly string[]; addresses: readonly string[] },
): Promise<number> {
  const kept = await deleteRows(db, 'outbox_mails', { column: 'to_address', values: addresses })
  return kept + (await deleteRows(db, 'mail_references', { column: 'ticket_id', values: ticket_ids }))
}
