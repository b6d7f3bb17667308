import type { Static } from 'typebox'
import { toTime, toTimeOrNull } from '../../platform/codecs.ts'
import { forUpdate } from '../../platform/database/dialect.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import type { Job, JobQuery } from './schema.ts'
import type { JobRow } from './tables.ts'

/** A job. With `for update` nobody else takes a step of it until the transaction ends. */
export async function findJob(db: Reader, id: string, lock?: 'for update'): Promise<JobRow | undefined> {
  const query = db.selectFrom('jobs').selectAll().where('id', '=', id)
  return (lock ? forUpdate(db, query) : query).executeTakeFirst()
}

/** The job, or 404. */
export async function getJob(db: Reader, id: string): Promise<JobRow> {
  const row = await findJob(db, id)
  if (!row) throw NotFound()
  return row
}

/** The jobs that the filters of a list let through. */
export function filterJobs(db: Reader, { state, kind }: Static<typeof JobQuery>) {
  let rows = db.selectFrom('jobs').selectAll()
  if (state !== undefined) rows = rows.where('state', '=', state)
  if (kind !== undefined) rows = rows.where('kind', '=', kind)
  return rows
}

/** A job as staff see it. */
export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    object: 'job',
    kind: row.kind,
    state: row.state,
    processed: row.processed,
    total: row.total,
    error: row.error,
    started_by_id: row.started_by_id,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    finished_at: toTimeOrNull(row.finished_at),
    version: row.version,
  }
}

/** Those of these jobs that there are. */
export async function presentJobs(db: Reader, ids: readonly string[]): Promise<Job[]> {
  return (await db.selectFrom('jobs').selectAll().where('id', 'in', ids).execute()).map(toJob)
}
