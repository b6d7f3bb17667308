import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { ticketTypeCreated } from '../events.ts'
import { textKey } from '../field.ts'
import { ticketTypeNameTaken } from '../problems.ts'
import type { TicketTypeRow } from '../tables.ts'

/** Makes a kind of tickets. */
export async function createTicketType(tx: Tx, actor: Announcement['actor'], { name }: { name: string }): Promise<TicketTypeRow> {
  const stamps = { created_at: tx.now, updated_at: tx.now, version: 1 }
  const row: TicketTypeRow = { id: newId('typ'), name, name_key: textKey(name), archived_at: null, ...stamps }
  if (!(await insertIfAbsent(tx.db, 'ticket_types', row))) throw ticketTypeNameTaken()
  announce(tx, ticketTypeCreated, { actor, row, data: {} })
  return row
}
