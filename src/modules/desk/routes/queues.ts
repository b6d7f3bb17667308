import type { Actor } from '../../../platform/actor.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { created, noContent, ok } from '../../../platform/http/answer.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { listByCreation } from '../../../platform/http/list.ts'
import { CursorMismatch } from '../../../platform/http/problems.ts'
import { admins, everyone, type Route, route } from '../../../platform/http/route.ts'
import { strict } from '../../../platform/http/schemas.ts'
import { NotFound, VersionConflict } from '../../../platform/problems.ts'
import { ExternalIdTaken, Id, type IsInUse } from '../../directory/index.ts'
import { createQueue } from '../commands/create-queue.ts'
import { deleteQueue } from '../commands/delete-queue.ts'
import { updateQueue } from '../commands/update-queue.ts'
import { DefaultQueue, FallbackQueue, QueueHasMailbox, QueueKeyTaken } from '../problems.ts'
import { filterQueues, getVisibleQueue, toQueues } from '../queries/queues.ts'
import { NewQueue, Queue, QueueList, QueuePatch, QueueQuery } from '../schema.ts'
import type { QueueRow } from '../tables.ts'
import { tagOf } from './tag.ts'

/** Where tickets wait: everybody looks at those meant for him, admins keep them. */
export function queueRoutes({
  cursors,
  isQueueInUse,
  hasMailbox,
}: {
  cursors: Cursors
  isQueueInUse: IsInUse
  hasMailbox: IsInUse
}): Route[] {
  const read = { roles: everyone, scope: 'queues:read' }
  const write = { roles: admins, scope: 'queues:write' }
  const params = strict({ id: Id })
  const tag = 'Queues'
  const shown = async (db: Reader, actor: Actor, row: QueueRow) => {
    const [queue] = await toQueues(db, actor, [row])
    return [queue, { etag: tagOf(queue) }] as const
  }

  return [
    route({
      method: 'GET',
      path: '/v1/queues',
      operationId: 'listQueues',
      summary: 'List queues',
      description:
        'Staff see all queues, also those that they do not work in. Requesters see the public ones in use: their `id`, `key` and `name`.',
      tag,
      access: read,
      query: QueueQuery,
      answers: { 200: QueueList },
      problems: [CursorMismatch],
      handle: ({ db, actor, query }) =>
        listByCreation(filterQueues(db, actor, query), {
          path: '/v1/queues',
          query,
          cursors,
          view: actor.role === 'requester' ? 'requester' : 'staff',
          toObjects: (rows) => toQueues(db, actor, rows),
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/queues',
      operationId: 'createQueue',
      summary: 'Create a queue',
      description: 'Without `team_ids` all agents work in it; unless it is `public`, requesters neither see nor choose it.',
      tag,
      access: write,
      body: NewQueue,
      answers: { 201: Queue },
      problems: [QueueKeyTaken, ExternalIdTaken],
      handle: ({ actor, body, transact }) =>
        transact(async (tx) => {
          const row = await createQueue(tx, actor, body)
          return created(`/v1/queues/${row.id}`, ...(await shown(tx.db, actor, row)))
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/queues/:id',
      operationId: 'getQueue',
      summary: 'Get a queue',
      description: 'One queue, as far as the caller may see it.',
      tag,
      access: read,
      params,
      answers: { 200: Queue },
      problems: [NotFound],
      handle: async ({ db, actor, params }) => ok(...(await shown(db, actor, await getVisibleQueue(db, actor, params.id)))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/queues/:id',
      operationId: 'updateQueue',
      summary: 'Change a queue',
      description:
        'A merge patch. `archived: true` takes the queue out of use (its tickets stay, new ones cannot go there), `false` brings it back. The default queue cannot be archived, nor one that has a mailbox.',
      tag,
      access: write,
      params,
      body: QueuePatch,
      answers: { 200: Queue },
      problems: [NotFound, QueueKeyTaken, ExternalIdTaken, DefaultQueue, QueueHasMailbox, VersionConflict],
      handle: ({ actor, params, body, if_match, transact }) =>
        transact(async (tx) => {
          const row = await updateQueue(tx, actor, { queue_id: params.id, changes: body, if_match, hasMailbox })
          return ok(...(await shown(tx.db, actor, row)))
        }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/queues/:id',
      operationId: 'deleteQueue',
      summary: 'Delete or archive a queue',
      description:
        'A queue that tickets are in, or that a category or a routing rule names, is archived instead. The default queue stays, and so does one that has a mailbox, or to which another sends what nobody can be given.',
      tag,
      access: write,
      params,
      answers: { 204: null },
      problems: [NotFound, DefaultQueue, FallbackQueue, QueueHasMailbox, VersionConflict],
      handle: ({ actor, params, if_match, transact }) =>
        transact(async (tx) => {
          await deleteQueue(tx, actor, { queue_id: params.id, if_match, isInUse: isQueueInUse, hasMailbox })
          return noContent()
        }),
    }),
  ]
}
