import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { connectionOf } from '../../platform/database/connection.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type LogBounds, logBounds, logBoundsAround } from '../../platform/log-bounds.ts'
import type { Problem } from '../../platform/problems.ts'
import type { EventRow } from '../../platform/tables.ts'
import { bytesOfMessages, PAGE_BYTES } from '../messages/index.ts'
import { scopeValues, seesAnySide, seesStaffSide } from '../tickets/index.ts'
import { CursorExpired } from './problems.ts'
import { isOfMessage } from './subjects.ts'

/** How many positions one request looks at: an actor who sees little must not make the server walk the whole log. */
const WINDOW = 2000

export interface EventPage {
  after: number
  limit: number
  /** Whole types, or `noun.*`; empty for all. */
  types: readonly string[]
}

/** An event's row, and the side on which its reader sees it. */
export interface SeenEvent extends EventRow {
  position: number
  is_staff: number
}

export interface SeenEvents {
  events: SeenEvent[]
  /** How far the server looked. */
  next_after: number
  has_more: boolean
}

/**
 * What happened on the desk behind a position, as far as an actor may see it: no gap, in order of position. `after` 0 begins with
 * the oldest event that can be followed. Throws 410 `cursor_expired` where there would be a gap, and for a position that the log
 * does not reach within a second.
 */
export async function listEvents(db: Reader, actor: Actor, page: EventPage): Promise<SeenEvents> {
  for (;;) {
    const { floor, head } = await boundsAround(db, page.after)
    const after = Math.max(page.after, floor)
    const found = await listBetween(db, actor, { ...page, after, head })
    // Asked again behind the rows: what was taken away while they were read is not missed in silence.
    const now = await logBounds(db)
    if (now.floor <= after) return found
    if (page.after > 0) throw expired(now)
  }
}

/** The bounds of the log, in which a position lies: throws 410 where it does not. */
async function boundsAround(db: Reader, after: number): Promise<LogBounds> {
  const bounds = await logBoundsAround(db, after)
  if (after > bounds.head) throw ahead(bounds)
  if (after > 0 && after < bounds.floor) throw expired(bounds)
  return bounds
}

function expired(bounds: LogBounds): Problem {
  const detail = 'Events behind this position are not kept any more. Read what you hold anew, and go on from `position`.'
  return CursorExpired({ detail, members: { position: bounds.head, oldest: bounds.floor } })
}

function ahead(bounds: LogBounds): Problem {
  const detail =
    'The log ends before this position, as after a backup was restored. Read what you hold anew, and go on from `position`.'
  return CursorExpired({ detail, members: { position: bounds.head, oldest: bounds.floor } })
}

async function listBetween(db: Reader, actor: Actor, { head, ...page }: EventPage & { head: number }): Promise<SeenEvents> {
  // The head came first: what commits in between is left for the next page.
  const upTo = Math.min(page.after + WINDOW, head)
  const range = sql<boolean>`events.position > ${page.after} and events.position <= ${upTo}`
  const rows = upTo > page.after ? await readEvents(db, actor, { page, where: range }) : []
  if (rows.length <= page.limit) {
    const next_after = Math.max(upTo, page.after)
    return { events: rows, next_after, has_more: next_after < head }
  }
  return cut(rows, page.limit)
}

/** What happened in one ticket that the actor sees. */
export async function listTicketEvents(
  db: Reader,
  actor: Actor,
  { ticket_id, ...page }: EventPage & { ticket_id: string },
): Promise<SeenEvents> {
  const where = sql<boolean>`events.ticket_id = ${ticket_id} and events.position > ${page.after}`
  const rows = await readEvents(db, actor, { page, where })
  if (rows.length <= page.limit) return { events: rows, next_after: rows.at(-1)?.position ?? page.after, has_more: false }
  return cut(rows, page.limit)
}

/** As many events as there is room for with the messages that they are about, at the least one. */
export async function withoutOverflow(db: Reader, found: SeenEvents): Promise<SeenEvents> {
  const bytes = await bytesOfMessages(db, [...new Set(found.events.filter(isOfMessage).map(({ subject_id }) => subject_id))])
  let total = 0
  for (const [i, { subject_id }] of found.events.entries()) {
    total += bytes.get(subject_id) ?? 0
    bytes.delete(subject_id)
    if (i > 0 && total > PAGE_BYTES) return cut(found.events, i)
  }
  return found
}

function cut(rows: SeenEvent[], limit: number): SeenEvents {
  const events = rows.slice(0, limit)
  return { events, next_after: events.at(-1)?.position ?? 0, has_more: true }
}

async function readEvents(
  db: Reader,
  actor: Actor,
  { page, where }: { page: EventPage; where: RawBuilder<boolean> },
): Promise<SeenEvent[]> {
  const values = scopeValues(actor)
  const staffSide = seesStaffSide(values, actor)
  // What happened outside any ticket is the admins' security log.
  const outside = sql.raw(actor.role === 'admin' ? '1 = 1' : '1 = 0')
  const query = sql<SeenEvent>`select events.*, case when tickets.id is null or ${staffSide} then 1 else 0 end as is_staff
    from events left join tickets on tickets.id = events.ticket_id
    where ${where} and ${typeCondition(page.types)} and (case when events.ticket_id is null then ${outside}
      when events.visibility = 'public' then ${seesAnySide(values, actor)} else ${staffSide} end)
    order by events.position limit ${page.limit + 1}`.compile(db)
  // The columns are those of the table, and only stamped events are read.
  return (await connectionOf(db).query(query.sql, query.parameters)).rows as unknown as SeenEvent[]
}

function typeCondition(types: readonly string[]): RawBuilder<boolean> {
  if (types.length === 0) return sql<boolean>`1 = 1`
  const each = types.map((type) =>
    type.endsWith('.*')
      ? sql`events.type like ${`${type.slice(0, -1).replaceAll('_', '!_')}%`} escape '!'`
      : sql`events.type = ${type}`,
  )
  return sql<boolean>`(${sql.join(each, sql` or `)})`
}
