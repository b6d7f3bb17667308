import { type Static, Type } from 'typebox'
import { named, nullable, ProblemBody, strict, Time } from '../../platform/http/schemas.ts'
import { Event } from '../history/index.ts'
import { Message } from '../messages/index.ts'
import { PresentFrame, TypedFrame } from '../presence/index.ts'
import { TOPIC_PATTERN } from './topic.ts'

// What goes over a WebSocket in both directions, and over an event stream to the client. The shapes that are published at
// /asyncapi.json are those that frames are checked with.

const Ref = Type.Optional(
  Type.String({ minLength: 1, maxLength: 100, description: 'Your own name for this frame; the answer to it carries it.' }),
)
export const TopicName = Type.String({
  pattern: TOPIC_PATTERN,
  maxLength: 220,
  description:
    'What to hear of: `ticket:` and an id, a number or `ext:…`, `queue:` and an id, `view:` and an id, `me` (tickets that you raised, take part in, follow or are assigned to), or `all` that you may see.',
  examples: ['ticket:1042', 'me'],
})
const Topics = Type.Array(TopicName, { minItems: 1, maxItems: 100 })
const Position = Type.Integer({
  minimum: 0,
  description: 'A place in the log of the whole desk, as in `GET /v1/events`: gaps mean nothing.',
})
const TicketName = Type.String({
  pattern: '^(tkt_[0-9a-hjkmnp-tv-z]{26}|[1-9][0-9]{0,14}|ext:.{1,200})$',
  description: 'A ticket: its id `tkt_…`, its number `1042`, or its external id `ext:ORD-77`.',
})
const MessageId = Type.String({ pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$' })
const Side = Type.Enum(['public', 'internal'], {
  type: 'string',
  description: '`internal` for what only staff of the ticket may know of. Requesters have `public` only.',
})

/** What a client may send over a WebSocket. */
export const clientFrames = {
  subscribe: named(
    'SubscribeFrame',
    strict(
      { type: Type.Literal('subscribe'), ref: Ref, topics: Topics, after: Type.Optional(Position) },
      'Hears of more topics: from now on, or with `after` from there on, all topics of the connection with it. Answered by `subscribed`, or by `error` and nothing changed.',
    ),
  ),
  unsubscribe: named(
    'UnsubscribeFrame',
    strict(
      { type: Type.Literal('unsubscribe'), ref: Ref, topics: Topics },
      'Hears of them no longer. Answered by `subscribed` with what is left.',
    ),
  ),
  resume: named(
    'ResumeFrame',
    strict(
      { type: Type.Literal('resume'), ref: Ref, after: Position },
      'Hears again what came after a position, of all topics. Answered by `subscribed`, or `reset`.',
    ),
  ),
  send: named(
    'SendFrame',
    strict(
      {
        type: Type.Literal('send'),
        ref: Ref,
        ticket: TicketName,
        body: Type.String({ minLength: 1, description: 'Markdown or plain text.' }),
        visibility: Type.Optional(Side),
        client_id: Type.String({
          minLength: 1,
          maxLength: 200,
          pattern: '^\\S(.*\\S)?$',
          description: 'Your own id of this message: sending it again answers the first one.',
        }),
        attachment_ids: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
        expected_last_message_id: Type.Optional(nullable(MessageId)),
      },
      'Posts a message, as `POST /v1/tickets/{ticket}/messages` does. Answered by `ack`, or by `error`.',
    ),
  ),
  ack: named(
    'AckFrame',
    strict(
      { type: Type.Literal('ack'), position: Position },
      'Says that everything up to this position has arrived: messages in it count as delivered to you.',
    ),
  ),
  typing: named(
    'TypingFrame',
    strict(
      {
        type: Type.Literal('typing'),
        ref: Ref,
        ticket: TicketName,
        visibility: Type.Optional(Side),
        active: Type.Optional(Type.Boolean({ default: true })),
      },
      'Says that you are writing. It ends by itself after some seconds: send it again every three while it lasts.',
    ),
  ),
  presence: named(
    'PresenceFrame',
    strict(
      { type: Type.Literal('presence'), ref: Ref, ticket: TicketName, active: Type.Optional(Type.Boolean({ default: true })) },
      'Says that you are looking at a ticket. It ends with the connection, or by itself: send it again every twenty seconds.',
    ),
  ),
  read: named(
    'ReadFrame',
    strict(
      { type: Type.Literal('read'), ref: Ref, ticket: TicketName, message_id: Type.Optional(MessageId) },
      'Says how far you have read, without `message_id` all that is there: as `PUT /v1/tickets/{ticket}/read`.',
    ),
  ),
  ping: named('PingFrame', strict({ type: Type.Literal('ping'), ref: Ref }, 'Answered by `pong`.')),
} as const

export type ClientFrame = { [K in keyof typeof clientFrames]: Static<(typeof clientFrames)[K]> }[keyof typeof clientFrames]

const Person = Type.Object({ id: Type.String(), name: Type.String() })

/** What a client is told. Clients ignore frames and keys that they do not know. */
export const serverFrames = {
  ready: named(
    'ReadyFrame',
    Type.Object(
      { type: Type.Literal('ready'), position: Position, topics: Type.Array(Type.String()) },
      { description: 'The first frame. What happens after `position` is told from here on.' },
    ),
  ),
  subscribed: named(
    'SubscribedFrame',
    Type.Object(
      { type: Type.Literal('subscribed'), ref: Ref, position: Position, topics: Type.Array(Type.String()) },
      { description: 'All topics of the connection as Beckon names them, and the position after which they are told.' },
    ),
  ),
  unsubscribed: named(
    'UnsubscribedFrame',
    Type.Object(
      { type: Type.Literal('unsubscribed'), topics: Type.Array(Type.String()), reason: Type.Enum(['gone'], { type: 'string' }) },
      { description: 'You may not hear of these any more: forget what you hold of them.' },
    ),
  ),
  event: named(
    'EventFrame',
    Type.Object(
      { type: Type.Literal('event'), event: Event },
      {
        description:
          'Something happened. On an event stream the data is the event itself, without this frame, and `id` its position.',
      },
    ),
  ),
  left: named(
    'LeftFrame',
    Type.Object(
      {
        type: Type.Literal('left'),
        ticket_id: Type.String(),
        topics: Type.Array(Type.String()),
        again: Type.Boolean({
          description:
            'It is among them still, but you see another side of it from here on: forget what you hold of it, and read it anew.',
        }),
        position: Position,
      },
      { description: 'A ticket is not among these topics any more, or not yours to see: take it out of your list.' },
    ),
  ),
  reset: named(
    'ResetFrame',
    Type.Object(
      {
        type: Type.Literal('reset'),
        reason: Type.Enum(['cursor_expired', 'cursor_ahead', 'rights_changed', 'event_failed'], { type: 'string' }),
        position: Position,
      },
      {
        description:
          'What you hold may be incomplete, or too much: read it anew. What happens after `position` is told from here on.',
      },
    ),
  ),
  ack: named(
    'AckedFrame',
    Type.Object(
      {
        type: Type.Literal('ack'),
        ref: Ref,
        client_id: Type.String(),
        status: Type.Integer({ description: '201, or 200 where the message was there already.' }),
        message: Message,
      },
      { description: 'Your message is kept.' },
    ),
  ),
  typing: TypedFrame,
  presence: PresentFrame,
  read: named(
    'HasReadFrame',
    Type.Object(
      {
        type: Type.Literal('read'),
        ticket_id: Type.String(),
        user: Person,
        last_read_message_id: nullable(Type.String()),
        last_read_at: nullable(Time),
        last_delivered_message_id: nullable(Type.String()),
      },
      { description: 'Somebody has read further, or more has reached him.' },
    ),
  ),
  ping: named(
    'HeartbeatFrame',
    Type.Object(
      { type: Type.Literal('ping'), position: Position },
      { description: 'Every 20 seconds: everything up to `position` that you may see was told.' },
    ),
  ),
  pong: named(
    'PongFrame',
    Type.Object({ type: Type.Literal('pong'), ref: Ref, position: Position }, { description: 'Answers a `ping` of yours.' }),
  ),
  error: named(
    'ErrorFrame',
    Type.Object(
      { type: Type.Literal('error'), ref: Ref, client_id: Type.Optional(Type.String()), problem: ProblemBody },
      { description: 'A frame was refused (RFC 9457), or the stream ends and the problem says why.' },
    ),
  ),
} as const

export type ServerFrame = { [K in keyof typeof serverFrames]: Static<(typeof serverFrames)[K]> }[keyof typeof serverFrames]

/** What a frame that passes by is about: told to who listens at the moment, kept nowhere. */
export type PassingFrame = Extract<ServerFrame, { type: 'typing' | 'presence' | 'read' }>
