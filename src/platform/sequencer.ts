import { type Expression, sql } from 'kysely'
import type { Database } from './database/database.ts'
import { forUpdate } from './database/dialect.ts'
import { isAway, isTransient } from './database/errors.ts'
import type { Reader } from './database/schema.ts'
import type { Worker } from './worker.ts'
import { createWorker } from './worker.ts'

const BATCH = 500
const POLL_MS = 200

interface Unstamped {
  id: string
  ticket_id: string | null
  ticket_seq: number | null
}

/**
 * Gives committed events their position: gapless, and in an order in which one ticket's numbers rise. Any node may stamp at
 * any time; the lock of the one `log_head` row is the order (on Galera its certification conflict is), so no lease is needed.
 * Resolves with how many it stamped; `onStamped` is told the last position, after the commit, where there was any.
 */
export async function stampEvents(database: Database, onStamped?: (position: number) => void): Promise<number> {
  const { count, position } = await stampBatch(database)
  if (count > 0) onStamped?.(position)
  return count
}

function stampBatch(database: Database): Promise<{ count: number; position: number }> {
  return database.write(async (db) => {
    const head = await forUpdate(db, db.selectFrom('log_head').select('position').where('id', '=', 1)).executeTakeFirstOrThrow()
    // Read after the lock, and READ COMMITTED: everything that committed before is seen.
    const first = await queued(db).limit(BATCH).execute()
    if (first.length === 0) return { count: 0, position: head.position }
    const events = first.length < BATCH ? first : await withTheirTickets(db, first)
    await writePositions(db, inTicketOrder(events), head.position)
    return { count: events.length, position: head.position + events.length }
  })
}

function queued(db: Reader) {
  return db
    .selectFrom('event_queue')
    .innerJoin('events', 'events.id', 'event_queue.event_id')
    .select(['events.id', 'events.ticket_id', 'events.ticket_seq'])
    .orderBy('event_queue.event_id')
}

/**
 * A batch with all that waits in its tickets: ids are not in the order of commits across nodes, so what a ticket's event needs
 * before it may stand behind the batch.
 */
async function withTheirTickets(db: Reader, batch: Unstamped[]): Promise<Unstamped[]> {
  const tickets = [...new Set(batch.flatMap(({ ticket_id }) => ticket_id ?? []))]
  if (tickets.length === 0) return batch
  const theirs = await queued(db).where('events.ticket_id', 'in', tickets).execute()
  return [...new Map([...batch, ...theirs].map((event) => [event.id, event])).values()]
}

async function writePositions(db: Reader, events: Unstamped[], head: number): Promise<void> {
  const ids = events.map(({ id }) => id)
  const cases = events.map(({ id }, i) => sql`when ${id} then ${head + 1 + i}`)
  const position: Expression<number> = sql<number>`case id ${sql.join(cases, sql` `)} end`
  await db.updateTable('events').set({ position }).where('id', 'in', ids).execute()
  // `where event_id in (…)` would scan so small a table, and wait for every uncommitted row of everybody else: a join looks each
  // row up by its key and touches no other.
  const stamped = sql.join(
    ids.map((id, i) => (i === 0 ? sql`select ${id} as id` : sql`select ${id}`)),
    sql` union all `,
  )
  await sql`delete event_queue from (${stamped}) as stamped straight_join event_queue on event_queue.event_id = stamped.id`.execute(
    db,
  )
  await db
    .updateTable('log_head')
    .set({ position: head + events.length })
    .where('id', '=', 1)
    .execute()
}

/** Keeps the given order, but fills each ticket's places with its events by rising `ticket_seq`. */
export function inTicketOrder(events: Unstamped[]): Unstamped[] {
  const bySeq = new Map<string, Unstamped[]>()
  for (const event of events) if (event.ticket_id) bySeq.set(event.ticket_id, [...(bySeq.get(event.ticket_id) ?? []), event])
  for (const own of bySeq.values()) own.sort((a, b) => (b.ticket_seq ?? 0) - (a.ticket_seq ?? 0))
  return events.map((event) => (event.ticket_id ? (bySeq.get(event.ticket_id)?.pop() ?? event) : event))
}

/** Stamps after each commit of this process, and looks five times a second for what other nodes left. */
export function createSequencer({
  database,
  onStamped,
  onError,
}: {
  database: Database
  /** Told how far the log goes whenever this process has stamped something. */
  onStamped?: (position: number) => void
  onError: (error: unknown) => void
}): Worker {
  return createWorker({
    pollMs: POLL_MS,
    run: async () => {
      const waiting = await database.reader.selectFrom('event_queue').select('event_id').limit(1).execute()
      return waiting.length > 0 && (await stampEvents(database, onStamped)) >= BATCH
    },
    onError: (error) => {
      if (!isTransient(error) && !isAway(error)) onError(error)
    },
  })
}
