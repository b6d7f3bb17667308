import { eventStream, webSocket } from '../../platform/http/answer.ts'
import { everyone, type Route, route } from '../../platform/http/route.ts'
import { NotFound } from '../../platform/problems.ts'
import { encodeFrame } from './encoded.ts'
import { EventStream, type StreamParts } from './event-stream.ts'
import type { Hub, Peer } from './live.ts'
import { NodeFull, TooManyStreams } from './problems.ts'
import { SUBPROTOCOL } from './protocol.ts'
import { SocketQuery, StreamQuery } from './schema.ts'
import { readTopic, writeTopic } from './topic.ts'
import { type SocketParts, SocketPeer } from './web-socket.ts'

const tag = 'Realtime'
const access = { roles: everyone, scope: 'events:read', and_scope: 'tickets:read' }
const problems = [NotFound, TooManyStreams, NodeFull]

/** Where streams begin. */
export function realtimeRoutes({ hub, ...parts }: { hub: Hub } & StreamParts & SocketParts): Route[] {
  /** Opens a line whose first frame says what is heard; what cannot be heard is refused before anything has begun. */
  const open = async <P extends Peer & { attach(line: ReturnType<Hub['open']>): void }>(
    peer: P,
    { actor, topics, after }: { actor: Parameters<Hub['open']>[1]; topics: readonly string[]; after: number | undefined },
  ): Promise<P> => {
    const line = hub.open(peer, actor)
    peer.attach(line)
    const ready = (position: number) => peer.send(encodeFrame({ type: 'ready', position, topics: line.topics.map(writeTopic) }))
    try {
      // Who hears nothing yet has missed nothing: he is where the log ends.
      const from = topics.length === 0 ? undefined : after
      await line.subscribe(topics.map(readTopic), { after: from, onHeard: ({ position }) => ready(position) })
    } catch (error) {
      line.close()
      throw error
    }
    const tickets = line.topics.flatMap((topic) => (topic.kind === 'ticket' ? [topic.id] : []))
    await parts.tellWhoIsHere({ line, tell: (frame) => peer.send(encodeFrame(frame)) }, tickets)
    return peer
  }

  return [
    route({
      method: 'GET',
      path: '/v1/stream',
      operationId: 'openStream',
      summary: 'Hear what happens (event stream)',
      description:
        'Server-Sent Events: what `GET /v1/events` shows you with `include=object,ticket`, of these topics and as it happens, and who is here, who writes and who has read. `id` is the position: a client that comes back with `Last-Event-ID` or `after` gets exactly what it missed. The first block is `ready`; a `reset` says that what you hold must be read anew; every 20 seconds a comment moves the id. A topic that you may not hear is 404 before the stream begins. It lives as long as your session or key.',
      tag,
      access,
      takesToken: true,
      query: StreamQuery,
      answers: { 200: null },
      stream: { description: 'What happens, as it happens.', example: EXAMPLE },
      problems,
      handle: async ({ actor, query, last_event_id }) =>
        eventStream(await open(new EventStream(parts), { actor, topics: query.topics, after: last_event_id ?? query.after })),
    }),
    route({
      method: 'GET',
      path: '/v1/ws',
      operationId: 'openSocket',
      summary: 'Hear what happens, and speak (WebSocket)',
      description: `A WebSocket (RFC 6455) of the subprotocol \`${SUBPROTOCOL}\`, which must be offered; text frames of JSON, which \`/asyncapi.json\` describes. It tells what \`GET /v1/stream\` tells, and takes messages, typing, presence and read marks. Pages of other origins must be listed in \`BECKON_CORS_ORIGINS\`; what is no browser needs no \`Origin\`. It lives as long as your session or key.`,
      tag,
      access,
      takesToken: true,
      query: SocketQuery,
      answers: { 101: null },
      socket: { protocol: SUBPROTOCOL, description: 'The connection is a WebSocket from here on.' },
      problems,
      handle: async ({ actor, query }) =>
        webSocket(await open(new SocketPeer(parts), { actor, topics: query.topics ?? [], after: query.after })),
    }),
  ]
}

const EXAMPLE = `retry: 2000

event: ready
id: 4711
data: {"type":"ready","position":4711,"topics":["ticket:tkt_01kb2m8h5zf3v9w4q7n1x6c0td"]}

: heartbeat
id: 4713

`
