import type { Static } from 'typebox'
import { toTime, toTimeOrNull } from '../../../platform/codecs.ts'
import { forShare } from '../../../platform/database/dialect.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { TicketType, TicketTypeQuery } from '../schema.ts'
import type { TicketTypeRow } from '../tables.ts'

/** The ticket type, or 404. */
export async function getTicketType(db: Reader, id: string): Promise<TicketTypeRow> {
  const row = await db.selectFrom('ticket_types').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** Whether a ticket can be given this type; it stays so until the transaction ends. */
export async function isUsableTicketType(tx: Tx, id: string): Promise<boolean> {
  const query = tx.db.selectFrom('ticket_types').select('archived_at').where('id', '=', id)
  const row = await forShare(tx.db, query).executeTakeFirst()
  return row !== undefined && row.archived_at === null
}

/** The ticket types that the filters of a list let through. */
export function filterTicketTypes(db: Reader, { archived }: Static<typeof TicketTypeQuery>) {
  const rows = db.selectFrom('ticket_types').selectAll()
  return archived === undefined ? rows : rows.where('archived_at', archived ? 'is not' : 'is', null)
}

export function toTicketType(row: TicketTypeRow): TicketType {
  return {
    id: row.id,
    object: 'ticket_type',
    name: row.name,
    archived_at: toTimeOrNull(row.archived_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/** Those of these ticket types that there are. */
export async function presentTicketTypes(db: Reader, ids: readonly string[]): Promise<TicketType[]> {
  return (await db.selectFrom('ticket_types').selectAll().where('id', 'in', ids).execute()).map(toTicketType)
}
