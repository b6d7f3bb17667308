import type { JobKind } from '../../platform/job.ts'
import type { Ground, Module } from '../../platform/module.ts'
import { giveUpJob } from './commands/give-up-job.ts'
import { takeStep } from './commands/take-step.ts'
import { jobRoutes } from './routes.ts'
import { STEP } from './step.ts'
import './tables.ts'

export { startJob } from './commands/start-job.ts'
export { presentJobs, toJob } from './queries.ts'
export { Job } from './schema.ts'
export type { JobRow } from './tables.ts'

/** Work that takes more than one transaction. `kinds` may still grow while the house is put together. */
export function createJobs({ cursors }: Ground, { kinds }: { kinds: readonly JobKind[] }): Module {
  return {
    routes: jobRoutes({ cursors }),
    pages: [],
    reactions: [],
    timers: [
      {
        name: STEP,
        fire: (tx, { subject_id }) => takeStep(tx, { job_id: subject_id, kinds }),
        giveUp: (tx, { subject_id, error }) => giveUpJob(tx, { job_id: subject_id, error }),
      },
    ],
  }
}
