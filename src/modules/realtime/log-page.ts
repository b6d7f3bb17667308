import { sql } from 'kysely'
import { fromJson } from '../../platform/codecs.ts'
import { byIndex } from '../../platform/database/dialect.ts'
import { isAway, isTransient } from '../../platform/database/errors.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type SeenEvent, withoutOverflow } from '../history/index.ts'
import { type Move, movingTypes } from './topic.ts'

/** A part of the log as it was written, and how far it was looked at. */
export interface Page {
  /** The side stands open until somebody looks. */
  rows: SeenEvent[]
  up_to: number
}

const PAGE = 500

/**
 * What was written behind a position, whoever may see it, in order and without a gap: at most so many events, and no more than are
 * not too long with their messages. `up_to` must not lie behind the head. With `ticket_ids` only what happened in these tickets.
 */
export async function readLog(
  db: Reader,
  {
    after,
    up_to,
    ticket_ids,
    limit = PAGE,
  }: { after: number; up_to: number; ticket_ids?: readonly string[] | undefined; limit?: number },
): Promise<Page> {
  // A planner would rather walk the log in its order, to the end of it where the tickets are quiet.
  const from = ticket_ids ? byIndex(db, 'events', 'ticket') : sql`events`
  const of = ticket_ids ? sql<boolean>`ticket_id in (${sql.join(ticket_ids)})` : sql<boolean>`1 = 1`
  const { rows } = await sql<SeenEvent>`select * from ${from}
    where position > ${after} and position <= ${up_to} and ${of} order by position limit ${sql.raw(`${limit}`)}`.execute(db)
  const { events, has_more } = await withoutOverflow(db, {
    events: rows,
    next_after: up_to,
    has_more: rows.length === limit,
  })
  return { rows: events, up_to: has_more ? (events.at(-1)?.position ?? up_to) : up_to }
}

/** What was written outside tickets in a part of the log, of these types. */
export async function readOutside(
  db: Reader,
  { after, up_to, types }: { after: number; up_to: number; types: readonly string[] },
): Promise<Pick<SeenEvent, 'type' | 'subject_id' | 'data'>[]> {
  const { rows } = await sql<SeenEvent>`select type, subject_id, data from ${byIndex(db, 'events', 'ticket')}
    where ticket_id is null and position > ${after} and position <= ${up_to} and type in (${sql.join(types)})`.execute(db)
  return rows
}

/** A move of a ticket, and its number in the ticket. */
export type NumberedMove = Move & { seq: number }

/** All that may have taken these tickets to somebody or away from him, the last first, with what has no position yet. */
export async function movesOf(db: Reader, ticket_ids: readonly string[]): Promise<Map<string, NumberedMove[]>> {
  if (ticket_ids.length === 0) return new Map()
  const found = await db
    .selectFrom('events')
    .select(['ticket_id', 'ticket_seq', 'type', 'data', 'previous'])
    .where('ticket_id', 'in', [...ticket_ids])
    .where('type', 'in', [...movingTypes])
    .orderBy('ticket_seq', 'desc')
    .execute()
  const moves = found.map(({ ticket_id, ticket_seq, type, data, previous }) => ({
    ticket_id: ticket_id ?? '',
    move: {
      seq: ticket_seq ?? 0,
      type,
      data: fromJson<Move['data']>(data),
      previous: previous === null ? null : fromJson<Move['data']>(previous),
    },
  }))
  return new Map([...Map.groupBy(moves, ({ ticket_id }) => ticket_id)].map(([id, of]) => [id, of.map(({ move }) => move)]))
}

/** Whether an error says that the database could not answer, and may well answer the next time. */
export function isOfDatabase(error: unknown): boolean {
  return isTransient(error) || isAway(error)
}
