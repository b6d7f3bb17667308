import { startJob } from '../../src/modules/jobs/index.ts'
import { systemActor } from '../../src/platform/actor.ts'
import type { JobKind } from '../../src/platform/job.ts'
import { type Cast, done, type Telling } from './telling.ts'

/** Something that takes several steps. */
export const stocktaking: JobKind = {
  name: 'tickets.count',
  step: async (_, { cursor }) => ({ done: cursor === 1, cursor: 1, processed: 20 }),
}

/** Between the chapters: Beckon works off what takes more than a moment. */
export async function wait({ desk }: Telling, { grace }: Cast): Promise<void> {
  const { id } = await desk.app.transact((tx) => startJob(tx, systemActor, { kind: stocktaking.name, params: {}, total: 40 }))
  await desk.settle()
  await done(grace.get(`/v1/jobs/${id}`))
  await done(grace.get('/v1/jobs?state=done'))
}
