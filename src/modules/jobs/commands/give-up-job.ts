import type { Tx } from '../../../platform/transaction.ts'
import { findJob } from '../queries.ts'
import { finishJob } from './finish-job.ts'

/** Ends a job whose step failed for the last time. */
export async function giveUpJob(tx: Tx, { job_id, error }: { job_id: string; error: string }): Promise<void> {
  const job = await findJob(tx.db, job_id, 'for update')
  if (job?.state === 'running') await finishJob(tx, job, { state: 'failed', error })
}
