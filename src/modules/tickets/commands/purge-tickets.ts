import { connectionOf } from '../../../platform/database/connection.ts'
import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/**
 * Takes what is left of deleted tickets out of the database; nobody is told. Their numbers are not given out again. Answers how many
 * rows went.
 */
export async function purgeTickets(db: Reader, tickets: readonly { id: string; number: number }[]): Promise<number> {
  const values = tickets.map(({ id }) => id)
  let total = await deleteRows(db, 'ticket_participants', { column: 'ticket_id', values })
  total += await deleteRows(db, 'ticket_preferences', { column: 'ticket_id', values })
  total += await deleteRows(db, 'ticket_field_values', { column: 'ticket_id', values })
  total += await deleteRows(db, 'ticket_tags', { column: 'ticket_id', values })
  // On SQLite one row counts all tickets: there it stays.
  if (connectionOf(db).engine === 'mysql') {
    const numbers = tickets.map(({ number }) => String(number))
    total += await deleteRows(db, 'ticket_numbers', { column: 'number', values: numbers })
  }
  return total + (await deleteRows(db, 'tickets', { column: 'id', values }))
}
