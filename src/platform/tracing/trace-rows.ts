import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { insertRows } from '../database/prepared.ts'
import type { Reader } from '../database/schema.ts'

const KEPT_MS = 7 * 86_400_000
const BATCH = 1000

/** Keeps, with what is owed later, of which trace it is part. One row for each subject: an event, or a mail. */
export async function keepTraces(
  db: Reader,
  { subjects, traceparent, now }: { subjects: readonly string[]; traceparent: string; now: number },
): Promise<void> {
  const rows = [...new Set(subjects)].map((subject_id) => ({ subject_id, traceparent, created_at: now }))
  await insertRows(db, 'traces', rows)
}

/** The trace that something is part of; undefined where none is recorded. */
export async function traceOf(db: Reader, subject_id: string): Promise<string | undefined> {
  const row = await db.selectFrom('traces').select('traceparent').where('subject_id', '=', subject_id).executeTakeFirst()
  return row?.traceparent
}

/** Takes away what was kept for longer than anything is tried again. Answers how many. */
export async function pruneTraces(database: Database, clock: Clock): Promise<number> {
  for (let total = 0; ; ) {
    const old = await database.reader
      .selectFrom('traces')
      .select('subject_id')
      .where('created_at', '<', clock.now() - KEPT_MS)
      .orderBy('created_at')
      .limit(BATCH)
      .execute()
    const ids = old.map(({ subject_id }) => subject_id)
    if (ids.length > 0) await database.write((db) => db.deleteFrom('traces').where('subject_id', 'in', ids).execute())
    total += ids.length
    if (ids.length < BATCH) return total
  }
}
