import { ok } from '../../platform/http/answer.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { listByCreation } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { type Route, route, staff } from '../../platform/http/route.ts'
import { strict } from '../../platform/http/schemas.ts'
import { NotFound } from '../../platform/problems.ts'
import { Id } from '../directory/index.ts'
import { filterJobs, getJob, toJob } from './queries.ts'
import { Job, JobList, JobQuery } from './schema.ts'

/** What takes more than a moment, and how far it is. */
export function jobRoutes({ cursors }: { cursors: Cursors }): Route[] {
  const access = { roles: staff, scope: 'jobs:read' }
  const tag = 'Jobs'

  return [
    route({
      method: 'GET',
      path: '/v1/jobs',
      operationId: 'listJobs',
      summary: 'List jobs',
      description: 'What Beckon does step by step because it takes more than a moment, such as a change of many tickets.',
      tag,
      access,
      query: JobQuery,
      answers: { 200: JobList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterJobs(db, query), { path: '/v1/jobs', query, cursors, toObjects: (rows) => rows.map(toJob) }),
    }),
    route({
      method: 'GET',
      path: '/v1/jobs/:id',
      operationId: 'getJob',
      summary: 'Get a job',
      description: 'How far it is, and how it ended.',
      tag,
      access,
      params: strict({ id: Id }),
      answers: { 200: Job },
      problems: [NotFound],
      handle: async ({ db, params }) => {
        const job = toJob(await getJob(db, params.id))
        return ok(job, { etag: `v${job.version}` })
      },
    }),
  ]
}
