import type { Clock } from '../../../platform/clock.ts'
import { ok } from '../../../platform/http/answer.ts'
import { type Route, route, staff } from '../../../platform/http/route.ts'
import { countQueues } from '../queue-counts.ts'
import { QueueCountsList } from '../schema.ts'

const access = { roles: staff, scope: 'tickets:read' }

/** The numbers of queues. */
export function queueCountRoutes({ clock }: { clock: Clock }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/queues/counts',
      operationId: 'countQueues',
      summary: 'Get the numbers of queues',
      description:
        'The numbers of each queue in which you work, in one answer; admins get those of all. One out of use is there while it has any. They are exact at the moment of the request. An API key works in the queues without teams, and nothing is assigned to it.',
      tag: 'Queues',
      access,
      answers: { 200: QueueCountsList },
      handle: async ({ actor, db }) =>
        ok({ object: 'list', data: await countQueues(db, actor, clock.now()), has_more: false, next_cursor: null }),
    }),
  ]
}
