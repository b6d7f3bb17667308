import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { jobStarted } from '../events.ts'
import { STEP } from '../step.ts'
import type { JobRow } from '../tables.ts'

/** Starts a durable job: each step is one transaction of bounded size, driven by a timer. Answers its row. */
export async function startJob(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { kind, params, total = null }: { kind: string; params: object; total?: number | null },
): Promise<JobRow> {
  const job: JobRow = {
    id: newId('job'),
    kind,
    state: 'running',
    params: toJson(params),
    cursor: null,
    processed: 0,
    total,
    error: null,
    started_by_type: actor.type,
    started_by_id: actor.id,
    created_at: tx.now,
    updated_at: tx.now,
    finished_at: null,
    version: 1,
  }
  await insertRow(tx.db, 'jobs', job)
  await setTimer(tx, { kind: STEP, subject_id: job.id, due_at: tx.now })
  tx.announce(jobStarted, {
    actor,
    subject: { type: 'job', id: job.id, version: job.version },
    visibility: 'internal',
    data: { kind, total },
  })
  return job
}
