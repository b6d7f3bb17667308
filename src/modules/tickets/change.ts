import type { Actor } from '../../platform/actor.ts'
import { prepareWrite } from '../../platform/database/prepared.ts'
import type { News } from '../../platform/events.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { TicketRow } from './tables.ts'
import { shownStatus } from './ticket.ts'
import { armTimers } from './timers.ts'
import { makeRoom, placeInLine } from './waiting.ts'

/** What a requester sees of a ticket's row: a change of any of these moves the public version. */
const PUBLIC_COLUMNS: ReadonlySet<string> = new Set<keyof TicketRow>([
  'subject',
  'status_category',
  'priority',
  'queue_id',
  'category_id',
  'requester_id',
  'organization_id',
  'follow_up_of_id',
  'merged_into_id',
  'first_response_at',
  'solved_at',
  'closed_at',
  'public_last_message_at',
  'public_message_count',
])

const updates = prepareWrite<Record<string, unknown> & { id: string }>((db, slots, shape) =>
  db
    .updateTable('tickets')
    .set(Object.fromEntries(shape.split(',').map((column) => [column, slots[column]])))
    .where('id', '=', slots.id),
)

/**
 * Writes what changed in a ticket whose row is locked: both versions and times move as far as each side can see the change,
 * each piece of news gets the ticket's next number, and is announced.
 */
export async function changeTicket<T extends TicketRow>(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  ticket: T,
  { set, announce }: { set: Partial<TicketRow>; announce: News[] },
): Promise<T> {
  const changed: T = { ...ticket, ...set }
  const isPublic =
    announce.some(({ visibility }) => visibility === 'public') ||
    shownStatus(changed) !== shownStatus(ticket) ||
    Object.keys(set).some((column) => PUBLIC_COLUMNS.has(column) && isOther(ticket, changed, column))
  const written: Partial<TicketRow> = {
    ...set,
    waiting_rank: await placeInLine(tx, ticket, changed),
    version: ticket.version + 1,
    updated_at: Math.max(tx.now, ticket.updated_at),
    last_seq: ticket.last_seq + announce.length,
  }
  if (isPublic) {
    written.public_version = ticket.public_version + 1
    written.public_updated_at = Math.max(tx.now, ticket.public_updated_at)
  }
  await updates(tx.db, { ...written, id: ticket.id }, Object.keys(written).join())
  const after: T = { ...changed, ...written }
  await makeRoom(tx, ticket, after)
  announceNews(tx, actor, { ticket: after, firstSeq: ticket.last_seq + 1, announce })
  await armTimers(tx, ticket, after)
  return after
}

function isOther<T extends TicketRow>(before: T, after: T, column: string): boolean {
  return before[column as keyof T] !== after[column as keyof T]
}

/** Announces news in the order of the numbers that the ticket's row gave out. */
export function announceNews(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { ticket, firstSeq, announce }: { ticket: TicketRow; firstSeq: number; announce: News[] },
): void {
  for (const [i, { event, visibility, data, previous, subject, actor: own }] of announce.entries())
    tx.announce(event, {
      actor: own ?? actor,
      subject: subject ?? { type: 'ticket', id: ticket.id, version: ticket.version, public_version: ticket.public_version },
      ticket: { id: ticket.id, seq: firstSeq + i },
      visibility,
      data,
      ...(previous ? { previous } : {}),
    })
}
