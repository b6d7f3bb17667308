import type { Tx } from '../../../platform/transaction.ts'
import { jobFinished } from '../events.ts'
import type { JobRow } from '../tables.ts'

/** Brings a job, as it is now, to its end. */
export async function finishJob(tx: Tx, job: JobRow, end: Pick<JobRow, 'state' | 'error'>): Promise<void> {
  const { id, kind, cursor, processed } = job
  const version = job.version + 1
  await tx.db
    .updateTable('jobs')
    .set({ ...end, cursor, processed, updated_at: tx.now, finished_at: tx.now, version })
    .where('id', '=', id)
    .execute()
  tx.announce(jobFinished, {
    actor: { type: job.started_by_type, id: job.started_by_id },
    subject: { type: 'job', id, version },
    visibility: 'internal',
    data: { kind, state: end.state, processed },
  })
}
