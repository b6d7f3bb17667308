import { toTime } from '../../../platform/codecs.ts'
import { created } from '../../../platform/http/answer.ts'
import { RateLimited } from '../../../platform/http/problems.ts'
import { everyone, type Route, route } from '../../../platform/http/route.ts'
import { createRealtimeToken } from '../commands/create-realtime-token.ts'
import { newRealtimeToken } from '../realtime-token.ts'
import { RealtimeToken } from '../schema.ts'

const access = { roles: everyone, scope: 'events:read' }

/** How browsers, which send no header with a stream, say who they are. */
export const realtimeTokenRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/v1/realtime/tokens',
    operationId: 'createRealtimeToken',
    summary: 'Make a token for one stream',
    description:
      'A token that opens one event stream or WebSocket within 60 seconds, as `?token=`: for browsers, which send no `Authorization` with these. It is good once. The stream it opens lives as long as your session or key.',
    tag: 'Realtime',
    access,
    answers: { 201: RealtimeToken },
    problems: [RateLimited],
    secret: true,
    handle: ({ actor, transact }) =>
      transact(async (tx) => {
        const token = newRealtimeToken()
        const expires_at = await createRealtimeToken(tx, actor, token)
        return created('/v1/stream', { object: 'realtime_token', token, expires_at: toTime(expires_at) })
      }),
  }),
]
