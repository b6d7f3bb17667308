import { sql } from 'kysely'
import { deleteRows } from './database/delete-rows.ts'
import type { Reader } from './database/schema.ts'

/** What goes out of the database whole: the ids of tickets, of those who acted, and of all that events, timers and answers are about. */
export interface PurgedFromLog {
  ticket_ids: readonly string[]
  actor_ids: readonly string[]
  subject_ids: readonly string[]
}

const AT_ONCE = 500

/**
 * Takes out every event in these tickets, by these actors or about these subjects, what is owed after them, the timers of the subjects,
 * and the answers kept for the actors. The positions of the log stay as they are; those of these events are gone. Answers how many rows went.
 */
export async function purgeLog(db: Reader, { ticket_ids, actor_ids, subject_ids }: PurgedFromLog): Promise<number> {
  const event_ids = [
    ...(await eventsBy(db, 'ticket_id', ticket_ids)),
    ...(await eventsBy(db, 'actor_id', actor_ids)),
    ...(await eventsBy(db, 'subject_id', subject_ids)),
  ]
  const about = [...ticket_ids, ...subject_ids]
  let total = 0
  total += await deleteRows(db, 'deliveries', { column: 'event_id', values: event_ids })
  total += await deleteRows(db, 'event_queue', { column: 'event_id', values: event_ids })
  total += await deleteRows(db, 'events', { column: 'id', values: event_ids })
  total += await deleteRows(db, 'timers', { column: 'subject_id', values: about })
  total += await deleteRows(db, 'idempotency_keys', { column: 'subject_id', values: about })
  total += await deleteRows(db, 'idempotency_keys', { column: 'principal_id', values: actor_ids })
  return total
}

/** Found first and deleted by their keys: a delete that looks for itself would lock what it passes over. */
async function eventsBy(
  db: Reader,
  column: 'ticket_id' | 'actor_id' | 'subject_id',
  values: readonly string[],
): Promise<string[]> {
  const found: string[] = []
  for (let from = 0; from < values.length; from += AT_ONCE) {
    const some = values.slice(from, from + AT_ONCE)
    const { rows } = await sql<{ id: string }>`select id from events where ${sql.ref(column)} in (${sql.join(some)})`.execute(db)
    for (const { id } of rows) found.push(id)
  }
  return found
}
