import { Type } from 'typebox'
import { named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { ApiKey } from '../accounts/index.ts'
import { Agent } from '../assignment/index.ts'
import { Attachment } from '../attachments/index.ts'
import { Category, Queue } from '../desk/index.ts'
import { Organization, Team, User } from '../directory/index.ts'
import { Field, TicketType } from '../fields/index.ts'
import { Job } from '../jobs/index.ts'
import { Mailbox, SendingDomain } from '../mailboxes/index.ts'
import { Message } from '../messages/index.ts'
import { RoutingRule } from '../routing/index.ts'
import { Ticket } from '../tickets/index.ts'
import { LifecycleObject } from '../workflow/index.ts'

/** What an event is about, as far as there is a view of it. */
const subjects = [
  ...([Ticket, Message, User, Organization, Team, Queue, Category, ApiKey, Job] as const),
  ...([LifecycleObject, Field, TicketType, RoutingRule, Agent, Attachment] as const),
  ...([Mailbox, SendingDomain] as const),
] as const

/** One thing that happened, as its reader may see it. The one envelope of the log, the streams, webhooks and exports. */
export const Event = named(
  'Event',
  Type.Object({
    id: Type.String(),
    object: Type.Union([Type.Literal('event'), Type.Null(), ...subjects], {
      description:
        '`event`; with `include=object` the subject as you may see it now. Null when it is gone, hidden from you or your scopes, or is none of these, such as a session.',
    }),
    position: Type.Integer({ description: 'Its place in the log of the whole desk: rises, gaps mean nothing.' }),
    type: Type.String({ description: '`noun.past`, see docs/events.md.' }),
    occurred_at: Time,
    actor: Type.Object({ type: Type.Enum(['user', 'api_key', 'system'], { type: 'string' }), id: Type.String() }),
    subject: Type.Object({ type: Type.String(), id: Type.String(), version: Type.Integer() }),
    ticket_id: nullable(Type.String()),
    ticket: Type.Optional(
      Type.Union([Ticket, Type.Null()], {
        description:
          'With `include=ticket` the ticket in which it happened, as you may see it now: null when it is gone or hidden. Absent outside tickets, and where `object` is that ticket.',
      }),
    ),
    visibility: Type.Enum(['public', 'internal'], { type: 'string' }),
    data: Type.Record(Type.String(), Type.Unknown()),
    previous: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    request_id: nullable(Type.String()),
  }),
)

export const EventList = named(
  'EventList',
  Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(Event),
    has_more: Type.Boolean({
      description: 'Whether there is more to look at behind `next_after`: a page may be empty and still have more.',
    }),
    next_after: Type.Integer({ description: 'How far the server looked: give it as `after`.' }),
  }),
)

export const EventQuery = strict({
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      default: 0,
      description: 'The position behind which to begin; 0 begins with the oldest event.',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 25, description: 'How many at most.' })),
  type: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z_]+\\.([a-z_]+|\\*)$' }), {
      minItems: 1,
      maxItems: 20,
      description: 'Types of events, `ticket.created`, or all of a noun, `session.*`. A comma means or.',
    }),
  ),
  include: Type.Optional(
    Type.Array(Type.Enum(['object', 'ticket'], { type: 'string' }), {
      description:
        '`object`: with the subject as you may see it now; `ticket`: with the ticket in which it happened. An API key needs `tickets:read` for them, and for other subjects than tickets and messages the scope that reads them.',
    }),
  ),
})
