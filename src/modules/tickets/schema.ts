import { type TSchema, Type } from 'typebox'
import {
  ExternalId,
  listOf,
  Metadata,
  named,
  nullable,
  PageQuery,
  strict,
  Time,
  withFamily,
} from '../../platform/http/schemas.ts'
import { AttachmentIds } from '../attachments/index.ts'
import { PriorityName, Tag } from '../desk/index.ts'
import { importedPatch, Name } from '../directory/index.ts'
import { FIELD_KEY, FieldValueShape } from '../fields/index.ts'
import { Body, ImagesWanted, Message } from '../messages/index.ts'
import { STATUS_KEY, statusCategories } from '../workflow/index.ts'

const Subject = { ...Name, maxLength: 300, description: 'One line that says what it is about.' }
const StatusCategoryName = Type.Enum([...statusCategories], { type: 'string' })
const Id = (prefix: string, about: string) => Type.String({ pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`, description: about })
const Email = Type.String({ format: 'email', maxLength: 254 })

export const TicketParams = strict({
  ticket: Type.String({
    pattern: '^(tkt_[0-9a-hjkmnp-tv-z]{26}|[1-9][0-9]{0,14}|ext:.{1,200})$',
    description: 'A ticket: its id `tkt_…`, its number `1042`, or its external id `ext:ORD-77`.',
    examples: ['1042'],
  }),
})
// A letter may fold into several, so what is kept can be longer than what was sent.
const FoldedTag = { ...Tag, maxLength: 200 }
export const TagParams = strict({ ...TicketParams.properties, tag: FoldedTag })
export const QueueParams = strict({ queue: Id('que', 'A queue.') })

const StaffOnly = { 'x-staff-only': true }

/** A ticket. The keys that are optional here are always there for staff, and never for requesters. */
export const Ticket = named(
  'Ticket',
  Type.Object(
    {
      id: Type.String(),
      object: Type.Literal('ticket'),
      number: Type.Integer({ description: 'What people call it by. Unique and growing; gaps mean nothing.' }),
      subject: Type.String(),
      status: Type.String({ description: 'A key inside one of the categories.' }),
      status_category: StatusCategoryName,
      priority: PriorityName,
      queue_id: Type.String(),
      category_id: nullable(Type.String()),
      requester_id: Type.String(),
      organization_id: nullable(Type.String()),
      assignee_id: Type.Optional(nullable(Type.String(StaffOnly))),
      due_at: Type.Optional(nullable({ ...Time, ...StaffOnly })),
      tags: Type.Optional(Type.Array(Type.String(), StaffOnly)),
      channel: Type.Optional(Type.String(StaffOnly)),
      external_id: Type.Optional(nullable(Type.String(StaffOnly))),
      metadata: Type.Optional(Type.Record(Type.String(), Type.String(), StaffOnly)),
      type_id: Type.Optional(nullable(Type.String(StaffOnly))),
      fields: Type.Optional(
        Type.Record(Type.String({ pattern: `^${FIELD_KEY}$` }), FieldValueShape, {
          description:
            'The values of custom fields by their keys: only those that the ticket has, of fields in use. For requesters only of fields that they may read; absent where there are none.',
        }),
      ),
      allowed_transitions: Type.Array(Type.String(), { description: 'The statuses to which you may bring it from here.' }),
      follow_up_of_id: nullable(Type.String({ description: 'The closed ticket that this one continues.' })),
      merged_into_id: Type.Optional(
        nullable(
          Type.String({
            description: 'The ticket that its conversation went into. For requesters only there where the ticket was merged.',
          }),
        ),
      ),
      pending_until: Type.Optional(nullable({ ...Time, ...StaffOnly })),
      first_response_at: nullable(Time),
      solved_at: nullable(Time),
      closed_at: nullable(Time),
      last_message_at: nullable(Time),
      message_count: Type.Integer(),
      unread_count: Type.Optional(
        Type.Integer({
          description:
            'How many messages of others you have not read, of those that you see and that were not retracted: for people who read a ticket, in lists with `include=unread_count`; absent in answers to what they do, in events and for API keys. The `ETag` promises nothing of it, but who has an older count is not told 304.',
        }),
      ),
      created_at: Time,
      updated_at: Time,
      version: Type.Integer({ description: 'Rises with every change that you can see.' }),
    },
    { description: 'A ticket as you may see it: requesters get the public side, without the keys that are not required here.' },
  ),
)

const Position = Type.Optional(
  Type.Integer({
    description:
      'With `include=position`: a place in the log. What you read here holds everything up to it; hear what happens after it on a stream.',
  }),
)

/** A ticket with its conversation, by `?include=messages`. */
export const TicketWithMessages = named(
  'TicketWithMessages',
  Type.Object({ ...Ticket.properties, messages: Type.Optional(Type.Array(Message)), position: Position }),
)

/** A step that a ticket can take. */
export const TicketTransition = named(
  'TicketTransition',
  Type.Object({
    object: Type.Literal('transition'),
    status: Type.String({ description: 'Where it leads.' }),
    status_category: StatusCategoryName,
    label: Type.String({ description: 'What you call that status.' }),
    allowed: Type.Boolean({ description: 'Whether the ticket has all that the step asks for.' }),
    missing_fields: Type.Array(Type.String()),
  }),
)
export const TransitionList = named(
  'TransitionList',
  Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(TicketTransition),
    has_more: Type.Boolean(),
    next_cursor: Type.Null(),
  }),
)
const tickets = listOf('TicketList', Ticket)
export const TicketList = named('TicketList', Type.Object({ ...tickets.properties, position: Position }))
/** What more a list of tickets says. */
export const ListInclude = Type.Optional(
  Type.Array(Type.Enum(['total', 'position', 'unread_count'], { type: 'string' }), {
    description:
      '`total`: how many there are in all. `position`: where the log stood before the list was read. `unread_count`: how much of each ticket you have not read.',
  }),
)

const Requester = strict({ email: Email, name: Type.Optional(Name) })
const Cc = Type.Array(Type.String({ minLength: 3, maxLength: 254 }), {
  maxItems: 20,
  description: 'People who take part: ids `usr_…` or e-mail addresses. A requester may name colleagues of his own organization.',
})

const Values = Type.Record(Type.String({ pattern: `^${FIELD_KEY}$` }), nullable(FieldValueShape), {
  additionalProperties: false,
  maxProperties: 200,
  description: 'Values of custom fields by their keys; null takes one away. A requester writes those that he may write.',
})
const DueAt = Type.Optional(nullable({ ...Time, description: 'When it should be done: what its queue goes by, if it does.' }))

const byAnyone = {
  subject: Subject,
  body: Body,
  queue_id: Type.Optional(Id('que', 'The queue; without it the default queue.')),
  category_id: Type.Optional(nullable(Id('cat', 'The category.'))),
  priority: Type.Optional(PriorityName),
  cc: Type.Optional(Cc),
  fields: Type.Optional(Values),
  attachment_ids: Type.Optional(AttachmentIds),
}
export const NewTicketByRequester = strict(byAnyone)
export const NewTicket = named(
  'NewTicket',
  strict({
    ...byAnyone,
    due_at: DueAt,
    tags: Type.Optional(Type.Array(Tag, { maxItems: 50 })),
    requester: Type.Optional(Requester),
    external_id: Type.Optional(ExternalId),
    metadata: Type.Optional(Metadata),
    type_id: Type.Optional(nullable(Id('typ', 'The ticket type.'))),
  }),
)

export const TicketChangesByRequester = strict({
  subject: Type.Optional(Subject),
  priority: Type.Optional(PriorityName),
  fields: Type.Optional(Values),
})
export const TicketChanges = named(
  'TicketChanges',
  strict({
    subject: Type.Optional(Subject),
    priority: Type.Optional(PriorityName),
    status: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'One of `allowed_transitions`.' })),
    queue_id: Type.Optional(Id('que', 'The queue.')),
    category_id: Type.Optional(nullable(Id('cat', 'The category.'))),
    assignee_id: Type.Optional(nullable(Id('usr', 'An active agent.'))),
    requester_id: Type.Optional(Id('usr', 'Whose ticket it is from now on: an active person.')),
    requester: Type.Optional({ ...Requester, description: 'The same by an address; one that nobody has makes a person.' }),
    pending_until: Type.Optional(
      nullable({ ...Time, description: 'When a pending or held ticket comes back by itself: a time to come, before 2200.' }),
    ),
    due_at: DueAt,
    ...importedPatch,
    type_id: Type.Optional(nullable(Id('typ', 'The ticket type.'))),
    fields: Type.Optional(Values),
  }),
)

export const CloseTicketByRequester = strict({ message: Type.Optional(Body) })
export const CloseTicket = strict({
  message: Type.Optional(Body),
  close_children: Type.Optional(
    Type.Boolean({
      description: 'Also the tickets that are parts of it, near and far, as far as you work on them. At most 100.',
    }),
  ),
})
export const NewTags = strict({ tags: Type.Array(Tag, { minItems: 1, maxItems: 50 }) })

const list = <S extends TSchema>(item: S, about: string) =>
  Type.Optional(Type.Array(item, { minItems: 1, maxItems: 50, description: `${about} A comma means or.` }))
const time = (name: string) => ({
  [`${name}[gt]`]: Type.Optional({ ...Time, description: 'Later than.' }),
  [`${name}[gte]`]: Type.Optional({ ...Time, description: 'At or later than.' }),
  [`${name}[lt]`]: Type.Optional({ ...Time, description: 'Earlier than.' }),
  [`${name}[lte]`]: Type.Optional({ ...Time, description: 'At or earlier than.' }),
})

export const sorts = [
  'created_at',
  '-created_at',
  'updated_at',
  '-updated_at',
  'priority',
  '-priority',
  'number',
  '-number',
] as const

export const TicketSort = Type.Unsafe<(typeof sorts)[number] | `${'' | '-'}fields[${string}]`>({
  anyOf: [
    { type: 'string', enum: [...sorts] },
    { type: 'string', pattern: `^-?fields\\[${FIELD_KEY}\\]$` },
  ],
  default: '-created_at',
  description:
    'The order; `-` is descending. By `fields[key]`, a custom field of one value: first the tickets that have one, then the others.',
})

const ticketParameters = {
  ...PageQuery,
  status: list(
    Type.String({ pattern: STATUS_KEY }),
    'Keys of statuses; those of the standard lifecycle are the names of the categories.',
  ),
  status_category: list(StatusCategoryName, 'Status categories.'),
  priority: list(PriorityName, 'Priorities.'),
  queue_id: list(Id('que', 'A queue.'), 'Queues.'),
  category_id: list(Type.String({ pattern: '^(none|cat_[0-9a-hjkmnp-tv-z]{26})$' }), 'Categories, or `none`.'),
  assignee_id: list(Type.String({ pattern: '^(me|none|usr_[0-9a-hjkmnp-tv-z]{26})$' }), 'Agents, `me`, or `none`.'),
  requester_id: list(Type.String({ pattern: '^(me|usr_[0-9a-hjkmnp-tv-z]{26})$' }), 'People, or `me`.'),
  organization_id: list(Type.String({ pattern: '^(none|org_[0-9a-hjkmnp-tv-z]{26})$' }), 'Organizations, or `none`.'),
  type_id: list(Type.String({ pattern: '^(none|typ_[0-9a-hjkmnp-tv-z]{26})$' }), 'Ticket types, or `none`.'),
  tag: list(Type.String({ minLength: 1, maxLength: 200 }), 'Tags.'),
  ...time('created_at'),
  ...time('updated_at'),
  ...time('due_at'),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Words that occur in the subject or in a message that you may see, and `field:value` of the other filters.',
    }),
  ),
  sort: Type.Optional(TicketSort),
  include: ListInclude,
}

const bound = Type.String({ minLength: 1, maxLength: 100 })

export const TicketQuery = withFamily(ticketParameters, {
  name: 'fields',
  key: FIELD_KEY,
  values: Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { minItems: 1, maxItems: 50 }),
  bounds: { gt: bound, gte: bound, lt: bound, lte: bound },
  description:
    'Custom fields by their keys: `fields[severity]=high,low`, `fields[severity]=none`; numbers and dates also `fields[amount][gte]=10` with gt, gte, lt, lte. A field that you may not read is an unknown parameter.',
})

export const OneTicketQuery = strict({
  include: Type.Optional(
    Type.Array(Type.Enum(['messages', 'position'], { type: 'string' }), {
      description:
        '`messages`: the newest 100 of the conversation with the ticket, fewer where they are long. `position`: where the log stood before it was read.',
    }),
  ),
  images: ImagesWanted,
})
