import { accepted } from '../../platform/http/answer.ts'
import { type Cursors, toPage } from '../../platform/http/cursor.ts'
import { answerList, filtersOf } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { admins, type Route, route, staff } from '../../platform/http/route.ts'
import { NotFound } from '../../platform/problems.ts'
import { foldTag } from '../desk/index.ts'
import { Job, type JobRow, toJob } from '../jobs/index.ts'
import { mergeTag, renameTag } from './commands/rename-tag.ts'
import { TagBusy, TagExists } from './problems.ts'
import { listTags } from './queries.ts'
import { TagList, TagMerge, TagParams, TagPatch, TagQuery } from './schema.ts'

/** The tags that tickets carry: staff look at them, admins keep them in order. */
export function tagRoutes({ cursors }: { cursors: Cursors }): Route[] {
  const read = { roles: staff, scope: 'tags:read' }
  const write = { roles: admins, scope: 'tags:write' }
  const tag = 'Tags'
  const path = '/v1/tags'
  const started = (job: JobRow) => accepted(toJob(job), { etag: `v${job.version}` })

  return [
    route({
      method: 'GET',
      path,
      operationId: 'listTags',
      summary: 'List tags',
      description: 'By name, as far as tickets whose staff side you see carry them. `q` is what the name begins with.',
      tag,
      access: read,
      query: TagQuery,
      answers: { 200: TagList },
      problems: [CursorMismatch],
      handle: async ({ db, actor, query }) => {
        const { limit = 25, cursor, q = '' } = query
        const bound = [path, filtersOf(query)]
        const tags = await listTags(db, actor, { prefix: foldTag(q), after: cursors.read(bound, cursor)?.id, limit })
        const cursorAfter = ({ name }: { name: string }) => cursors.write(bound, { key: name, id: name })
        return answerList(toPage(tags, { limit, toObject: (one) => one, cursorAfter }), { path, query })
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/tags/:tag',
      operationId: 'renameTag',
      summary: 'Rename a tag',
      description: 'Routing rules follow at once, tickets by the job that is answered, closed ones included.',
      tag,
      access: write,
      params: TagParams,
      body: TagPatch,
      answers: { 202: Job },
      problems: [NotFound, TagExists, TagBusy],
      handle: ({ actor, params, body, transact }) =>
        transact(async (tx) => started(await renameTag(tx, actor, { from: params.tag, to: body.name }))),
    }),
    route({
      method: 'POST',
      path: '/v1/tags/:tag/merge',
      operationId: 'mergeTag',
      summary: 'Merge a tag into another',
      description: 'What carries this tag carries the other from now on: rules at once, tickets by the job that is answered.',
      tag,
      access: write,
      params: TagParams,
      body: TagMerge,
      answers: { 202: Job },
      problems: [NotFound, TagBusy],
      handle: ({ actor, params, body, transact }) =>
        transact(async (tx) => started(await mergeTag(tx, actor, { from: params.tag, to: body.into }))),
    }),
  ]
}
