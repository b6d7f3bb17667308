import type { Static } from 'typebox'
import { isDuplicate } from '../../../platform/database/errors.ts'
import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys } from '../../directory/index.ts'
import { ticketTypeArchived, ticketTypeUpdated } from '../events.ts'
import { textKey } from '../field.ts'
import { ticketTypeNameTaken } from '../problems.ts'
import { toTicketType } from '../queries/ticket-types.ts'
import type { TicketTypePatch } from '../schema.ts'
import type { TicketTypeRow } from '../tables.ts'
import { lockTicketType } from './lock-ticket-type.ts'

/** Renames a ticket type, takes it out of use or brings it back. Nothing is written or announced where nothing differs. */
export async function updateTicketType(
  tx: Tx,
  actor: Announcement['actor'],
  what: { type_id: string; changes: Static<typeof TicketTypePatch>; if_match: readonly string[] | undefined },
): Promise<TicketTypeRow> {
  const row = await lockTicketType(tx, what)
  const { name = row.name, archived } = what.changes
  const columns = {
    name,
    name_key: textKey(name),
    archived_at: archived === undefined ? row.archived_at : archived ? (row.archived_at ?? tx.now) : null,
    updated_at: tx.now,
    version: row.version + 1,
  }
  const next = { ...row, ...columns }
  const changed = changedKeys(toTicketType(row), toTicketType(next))
  if (changed.length === 0) return row
  try {
    await tx.db.updateTable('ticket_types').set(columns).where('id', '=', row.id).execute()
  } catch (error) {
    throw isDuplicate(error) ? ticketTypeNameTaken() : error
  }
  const event = row.archived_at === null && next.archived_at !== null ? ticketTypeArchived : ticketTypeUpdated
  announce(tx, event, { actor, row: next, data: { changed } })
  return next
}
