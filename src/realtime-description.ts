import type { TObject } from 'typebox'
import { readExamples } from './api-description.ts'
import {
  type ClientFrame,
  clientFrames,
  closeCodes,
  HEARTBEAT_SECONDS,
  type ServerFrame,
  SocketQuery,
  StreamQuery,
  SUBPROTOCOL,
  serverFrames,
  topicKinds,
} from './modules/realtime/index.ts'
import { type AsyncApiDocument, buildAsyncApi, type FrameOperation } from './platform/http/asyncapi.ts'
import type { Examples } from './platform/http/openapi.ts'
import { NotFound } from './platform/problems.ts'
import { version } from './version.ts'

type ServerType = ServerFrame['type']

/** The AsyncAPI document of the streams. Without `publicUrl` it names no server of ours: that is the copy in `docs/`. */
export function describeRealtime({
  publicUrl,
  examples = readExamples(),
}: {
  publicUrl?: string
  examples?: Examples
} = {}): AsyncApiDocument {
  const told = toldExamples(examples, publicUrl ?? 'https://desk.example.com')
  const sends = (type: ServerType): FrameOperation => {
    const payload = serverFrames[type]
    return { frame: { name: nameOf(payload), title: type, payload, example: told[type] } }
  }
  const receives = (type: ClientFrame['type']): FrameOperation => {
    const payload = clientFrames[type]
    const answeredBy = answers[type].map((answer) => nameOf(serverFrames[answer]))
    return { frame: { name: nameOf(payload), title: type, payload, example: said[type] }, answeredBy }
  }
  const { event } = serverFrames.event.properties
  const bareEvent = { name: 'Event', title: 'event', payload: event, example: told.event.event }
  return buildAsyncApi({
    title: 'Beckon, as it happens',
    version,
    description,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    subprotocol: SUBPROTOCOL,
    channels: [
      {
        name: 'webSocket',
        address: '/v1/ws',
        title: 'WebSocket',
        description: webSocketDescription,
        server: 'webSocket',
        query: SocketQuery,
        receives: clientTypes.map(receives),
        sends: serverTypes.map(sends),
      },
      {
        name: 'eventStream',
        address: '/v1/stream',
        title: 'Event stream',
        description: eventStreamDescription,
        server: 'eventStream',
        query: StreamQuery,
        receives: [],
        sends: eventStreamTypes.map((type) => (type === 'event' ? { frame: bareEvent } : sends(type))),
      },
    ],
  })
}

/** What a client says, in the order in which it is explained. */
const clientTypes = Object.keys(clientFrames) as ClientFrame['type'][] // the keys are those types
/** What Beckon says, likewise. */
const serverTypes = Object.keys(serverFrames) as ServerType[] // the keys are those types
/** What of it an event stream has. */
const eventStreamTypes = serverTypes.filter((type) => !['subscribed', 'ack', 'ping', 'pong'].includes(type))

/** The name that a shape has in the document: that of `named`. */
function nameOf(shape: TObject): string {
  return String((shape as { 'x-name'?: unknown })['x-name'])
}

const answers: Record<ClientFrame['type'], readonly ServerType[]> = {
  subscribe: ['subscribed', 'error'],
  unsubscribe: ['subscribed', 'error'],
  resume: ['subscribed', 'reset', 'error'],
  send: ['ack', 'error'],
  ack: [],
  typing: ['error'],
  presence: ['error'],
  read: ['error'],
  ping: ['pong'],
}

const ticket_id = 'tkt_01kb2mk7negkc6w19j7arjxfpk'
const ada = { id: 'usr_01kb2m69nv9a6zfa7ysrnm98j7', name: 'Ada Lovelace' }
const request_id = 'req_01kb2m8h5zf3v9w4q7n1x6c0td'
const message_id = 'msg_01kb2md0thd3p0xrtk5cyy4ha1'

/** A right frame of each type that a client sends. */
export const said: { [Type in ClientFrame['type']]: Extract<ClientFrame, { type: Type }> } = {
  subscribe: { type: 'subscribe', ref: '1', topics: ['ticket:1042', 'me'], after: 43 },
  unsubscribe: { type: 'unsubscribe', ref: '2', topics: ['me'] },
  resume: { type: 'resume', ref: '3', after: 43 },
  send: { type: 'send', ref: '4', ticket: '1042', body: 'Somebody is on the way.', client_id: 'ada-1' },
  ack: { type: 'ack', position: 44 },
  typing: { type: 'typing', ticket: '1042', visibility: 'public' },
  presence: { type: 'presence', ticket: '1042' },
  read: { type: 'read', ticket: '1042', message_id },
  ping: { type: 'ping', ref: '5' },
}

/** A right frame of each type that Beckon sends, with the objects that the tests recorded. */
function toldExamples(
  { operations }: Examples,
  publicUrl: string,
): { [Type in ServerType]: Extract<ServerFrame, { type: Type }> } {
  // Recorded answers of the API; test/asyncapi.test.ts holds each example against the shape that is published for it.
  const answerOf = (name: string, status: number) => (operations[name]?.responses?.[status] ?? {}) as Record<string, never>
  const { messages, ...ticket } = answerOf('getTicket', 200)
  const message = answerOf('createMessage', 201)
  const recorded = (answerOf('listEvents', 200).data ?? []) as { type: string }[]
  const { code, title, status } = NotFound
  const event = recorded.find(({ type }) => type === 'message.created')
  return {
    ready: { type: 'ready', position: 43, topics: [] },
    subscribed: { type: 'subscribed', ref: '1', position: 43, topics: [`ticket:${ticket_id}`, 'me'] },
    unsubscribed: { type: 'unsubscribed', topics: [`ticket:${ticket_id}`], reason: 'gone' },
    // The first message of the recorded ticket, with both as they are now.
    event: { type: 'event', event: { ...event, object: (messages as unknown[] | undefined)?.[0] ?? null, ticket } as never },
    left: { type: 'left', ticket_id, topics: ['queue:que_01kb2m4rvz590rwhkk2j2n0hgx'], again: false, position: 45 },
    reset: { type: 'reset', reason: 'cursor_expired', position: 4711 },
    ack: { type: 'ack', ref: '4', client_id: 'ada-1', status: 201, message: message as never },
    typing: {
      type: 'typing',
      ticket_id,
      user: ada,
      visibility: 'public',
      active: true,
      expires_at: '2026-11-22T09:00:55.500Z',
    },
    presence: { type: 'presence', ticket_id, user: ada, active: true, expires_at: '2026-11-22T09:01:40.500Z' },
    read: {
      type: 'read',
      ticket_id,
      user: ada,
      last_read_message_id: message_id,
      last_read_at: '2026-11-22T09:00:58.000Z',
      last_delivered_message_id: message_id,
    },
    ping: { type: 'ping', position: 46 },
    pong: { type: 'pong', ref: '5', position: 46 },
    error: { type: 'error', ref: '1', problem: { type: `${publicUrl}/errors/${code}`, title, status, code, request_id } },
  }
}

const description = `What happens at the desk, told as it happens. Each stream is the log of \`GET /v1/events\`, filtered by topics, as far as its reader may
see it: in order of \`position\`, at least once, without a gap. Come back with \`after\` = the last position that you have.

| topic | what is heard | who may |
| --- | --- | --- |
${topicKinds.map(({ topic, hears, who }) => `| \`${topic}\` | ${hears} | ${who} |`).join('\n')}

Operations are named as Beckon does them: it receives what a client sends. Ignore frames and keys that you do not know.`

const webSocketDescription = `Text frames of JSON, subprotocol \`${SUBPROTOCOL}\`. Clients without an \`Origin\` are welcome; browsers come from this server, from the public URL or from
\`BECKON_CORS_ORIGINS\`, with a realtime token. Beckon sends \`ready\` first, and \`ping\` every ${HEARTBEAT_SECONDS} seconds. What refuses a connection is an HTTP
answer in \`application/problem+json\`.

| close code | reason | what it means | what to do |
| --- | --- | --- | --- |
${Object.entries(closeCodes)
  .map(([reason, { code, means, advice }]) => `| ${code} | \`${reason}\` | ${means} | ${advice} |`)
  .join('\n')}`

const eventStreamDescription = `Server-sent events, for reading alone. The data of an event is the event itself, as in \`GET /v1/events?include=object,ticket\`, with
its position as \`id\` and no name, so that \`onmessage\` has it; all others are frames, named by their \`type\`. \`Last-Event-ID\` goes before
\`after\`. Every ${HEARTBEAT_SECONDS} seconds a comment comes, with the position as \`id\`.`
