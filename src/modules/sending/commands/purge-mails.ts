import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/**
 * Takes all mail that was owed about these tickets, or to these addresses in their folded form, and the bars on the addresses, out of the
 * database; nobody is told. Answers how many rows went.
 */
export async function purgeMails(
  db: Reader,
  { ticket_ids, address_keys }: { ticket_ids: readonly string[]; address_keys: readonly string[] },
): Promise<number> {
  let total = await deleteRows(db, 'outbound_mails', { column: 'ticket_id', values: ticket_ids })
  total += await deleteRows(db, 'outbound_mails', { column: 'to_key', values: address_keys })
  return total + (await deleteRows(db, 'suppressions', { column: 'address_key', values: address_keys }))
}
