import { fromJson } from '../../../platform/codecs.ts'
import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, type IsInUse } from '../../directory/index.ts'
import { ticketTypeDeleted } from '../events.ts'
import { lockTicketType } from './lock-ticket-type.ts'
import { updateTicketType } from './update-ticket-type.ts'

/** Takes a ticket type away; one that tickets have, or that a field names, only goes out of use. */
export async function deleteTicketType(
  tx: Tx,
  actor: Announcement['actor'],
  what: { type_id: string; if_match: readonly string[] | undefined; isInUse: IsInUse },
): Promise<void> {
  const row = await lockTicketType(tx, what)
  if ((await what.isInUse(tx.db, row.id)) || (await isNamedByFields(tx, row.id))) {
    await updateTicketType(tx, actor, { type_id: row.id, changes: { archived: true }, if_match: undefined })
    return
  }
  await tx.db.deleteFrom('ticket_types').where('id', '=', row.id).execute()
  announce(tx, ticketTypeDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}

async function isNamedByFields(tx: Tx, type_id: string): Promise<boolean> {
  const rows = await tx.db.selectFrom('fields').select('type_ids').where('type_ids', '!=', '[]').execute()
  return rows.some(({ type_ids }) => fromJson<string[]>(type_ids).includes(type_id))
}
