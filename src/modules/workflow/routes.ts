import { created, noContent, ok } from '../../platform/http/answer.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { listByCreation } from '../../platform/http/list.ts'
import { CursorMismatch } from '../../platform/http/problems.ts'
import { admins, everyone, type Route, route, staff } from '../../platform/http/route.ts'
import { strict } from '../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../platform/problems.ts'
import { Id } from '../directory/index.ts'
import { createLifecycle } from './commands/create-lifecycle.ts'
import { deleteLifecycle } from './commands/delete-lifecycle.ts'
import { updateLifecycle } from './commands/update-lifecycle.ts'
import type { IsLifecycleInUse } from './in-use.ts'
import { LifecycleInUse } from './problems.ts'
import { filterLifecycles, getLifecycle, listStatuses, toShown } from './queries.ts'
import { Lifecycle, LifecycleList, LifecyclePatch, LifecycleQuery, NewLifecycle, StatusList } from './schema.ts'
import type { LifecycleRow } from './tables.ts'

const read = { roles: staff, scope: 'lifecycles:read' }
const write = { roles: admins, scope: 'lifecycles:write' }
const names = { roles: everyone, scope: 'lifecycles:read' }
const tag = 'Lifecycles'
const params = strict({ id: Id })

function shown(row: LifecycleRow) {
  return [toShown(row), { etag: `v${row.version}` }] as const
}

/** Statuses and the steps between them. */
export function workflowRoutes({ cursors, isInUse }: { cursors: Cursors; isInUse: IsLifecycleInUse }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/lifecycles',
      operationId: 'listLifecycles',
      summary: 'List lifecycles',
      description: 'Which statuses there are, and who may bring a ticket from one to another. Each queue has one.',
      tag,
      access: read,
      query: LifecycleQuery,
      answers: { 200: LifecycleList },
      problems: [CursorMismatch],
      handle: ({ db, query }) =>
        listByCreation(filterLifecycles(db, query), {
          path: '/v1/lifecycles',
          query,
          cursors,
          toObjects: (rows) => rows.map(toShown),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/lifecycles',
      operationId: 'createLifecycle',
      summary: 'Create a lifecycle',
      description:
        'Needs a status of each of the categories new, open, solved and closed, and from every status a way for staff, or by itself, to a closed one. The first status of a category is where tickets arrive in it.',
      tag,
      access: write,
      body: NewLifecycle,
      answers: { 201: Lifecycle },
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createLifecycle(tx, actor, body)
          return created(`/v1/lifecycles/${row.id}`, ...shown(row))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/lifecycles/:id',
      operationId: 'getLifecycle',
      summary: 'Get a lifecycle',
      description: 'One lifecycle, whole.',
      tag,
      access: read,
      params,
      answers: { 200: Lifecycle },
      problems: [NotFound],
      handle: async ({ db, params }) => ok(...shown(await getLifecycle(db, params.id))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/lifecycles/:id',
      operationId: 'updateLifecycle',
      summary: 'Change a lifecycle',
      description:
        'A merge patch; lists are given whole. A status that is left out of `statuses` needs a replacement: its tickets count as being there at once, and a job moves them. The category of a status stays, and so does whether requesters see it.',
      tag,
      access: write,
      params,
      body: LifecyclePatch,
      answers: { 200: Lifecycle },
      problems: [NotFound, LifecycleInUse, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) =>
          ok(...shown(await updateLifecycle(tx, actor, { lifecycle_id: params.id, changes: body, if_match, isInUse }))),
        ),
    }),
    route({
      method: 'DELETE',
      path: '/v1/lifecycles/:id',
      operationId: 'deleteLifecycle',
      summary: 'Delete or archive a lifecycle',
      description: 'One that a queue has stays (409); one that a queue had is archived instead.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, LifecycleInUse, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteLifecycle(tx, actor, { lifecycle_id: params.id, if_match, isInUse })
          return noContent()
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/statuses',
      operationId: 'listStatuses',
      summary: 'List statuses',
      description:
        'What the statuses of tickets are called: for staff those of every lifecycle, for requesters the ones that they can see, by the names meant for them.',
      tag,
      access: names,
      answers: { 200: StatusList },
      handle: async ({ db, actor }) => {
        const data = await listStatuses(db, actor.role === 'requester' ? 'requester' : 'staff')
        return ok({ object: 'list', data, has_more: false, next_cursor: null })
      },
    }),
  ]
}
