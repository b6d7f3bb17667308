import { fromJson, toJson } from '../../../platform/codecs.ts'
import type { JobKind } from '../../../platform/job.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findJob } from '../queries.ts'
import { STEP } from '../step.ts'
import { finishJob } from './finish-job.ts'

/** Takes the next step of a job, and sees to it that another follows. One that had failed goes on where it was. */
export async function takeStep(tx: Tx, { job_id, kinds }: { job_id: string; kinds: readonly JobKind[] }): Promise<void> {
  // Two nodes may both think that it is their turn: the second waits here, and finds its timer moved on.
  const job = await findJob(tx.db, job_id, 'for update')
  if (!job || job.state === 'done') return
  const kind = kinds.find(({ name }) => name === job.kind)
  if (!kind) throw new Error(`no job is of the kind ${job.kind}`)
  const step = await kind.step(tx, {
    id: job.id,
    params: fromJson(job.params),
    cursor: job.cursor === null ? null : fromJson(job.cursor),
    actor: { type: job.started_by_type, id: job.started_by_id },
  })
  const cursor = step.cursor === null ? null : toJson(step.cursor)
  const processed = job.processed + step.processed
  if (step.done) return finishJob(tx, { ...job, cursor, processed }, { state: 'done', error: null })
  const changes = { cursor, processed, state: 'running' as const, error: null, finished_at: null }
  await tx.db
    .updateTable('jobs')
    .set({ ...changes, updated_at: tx.now, version: job.version + 1 })
    .where('id', '=', job.id)
    .execute()
  await setTimer(tx, { kind: STEP, subject_id: job.id, due_at: tx.now })
}
