import { isAway } from '../../platform/database/errors.ts'
import { problemBody, toProblem } from '../../platform/http/problem-answers.ts'
import type { Limiter } from '../../platform/http/rate-limit.ts'
import { newId } from '../../platform/ids.ts'
import type { Ground, Module } from '../../platform/module.ts'
import type { Transact } from '../../platform/transaction.ts'
import { encodeFrame } from './encoded.ts'
import { problemOfEnd } from './ending.ts'
import { createHeartbeat } from './heartbeat.ts'
import { createHub, type HubParts } from './hub.ts'
import type { EndReason, Hub } from './live.ts'
import { createObeying, type Doors } from './obeying.ts'
import { realtimeRoutes } from './routes.ts'

export { type ClientFrame, clientFrames, type ServerFrame, serverFrames, TopicName } from './frames.ts'
export { createHub } from './hub.ts'
export type { Encoded, EndReason, Hub, Peer } from './live.ts'
export { closeCodes, HEARTBEAT_SECONDS, SUBPROTOCOL, topicKinds } from './protocol.ts'
export { SocketQuery, StreamQuery } from './schema.ts'
export { readTopic, TOPIC_PATTERN } from './topic.ts'

export interface RealtimeParts extends HubParts {
  publicUrl: string
  /** What clients' frames reach in the rest of the house. */
  doors: Doors
  /** Counts frames as it counts requests. */
  limiter: Limiter
  transactor: (origin: { request_id: string }) => Transact
}

/** What happens, told as it happens: event streams and WebSockets. */
export function createRealtime(ground: Ground, parts: RealtimeParts): Module & { hub: Hub } {
  const { log, database } = ground
  const { publicUrl, doors, limiter, transactor } = parts
  const explain = (error: unknown, request_id: string) => {
    const problem = toProblem(error)
    if (problem.statusCode >= 500 && !isAway(problem)) log.error({ request_id, err: error }, problem.code)
    return problemBody(problem, request_id, publicUrl)
  }
  const hub = createHub(ground, parts)
  const obeying = createObeying({ database, log, doors, limiter, transactor, explain })
  const routes = realtimeRoutes({
    hub,
    ...obeying,
    doors,
    explain,
    heartbeat: createHeartbeat(),
    say: (reason: EndReason) =>
      encodeFrame({ type: 'error', problem: problemBody(problemOfEnd(reason), newId('req'), publicUrl) }),
    onLost: (err) => log.debug({ err }, 'what has reached somebody was not kept'),
  })
  return { routes, pages: [], reactions: [], hub }
}
