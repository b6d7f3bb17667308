import { Type } from 'typebox'
import { listOf, named, nullable, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { TicketChanges, TicketParams } from '../tickets/index.ts'

const Doer = Type.Object({ type: Type.Enum(['user', 'api_key', 'system'], { type: 'string' }), id: Type.String() })

export const TicketMerge = named(
  'TicketMerge',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('ticket_merge'),
    ticket_id: Type.String({ description: 'The ticket that went into the other one.' }),
    into_ticket_id: Type.String(),
    message_count: Type.Integer({ description: 'How many messages moved.' }),
    merged_by: Doer,
    undo_until: nullable({ ...Time, description: 'Until when it can be undone; null once it was.' }),
    undone_at: nullable(Time),
    undone_by: nullable(Doer),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  }),
)
export const TicketMergeList = listOf('TicketMergeList', TicketMerge)
export const MergeQuery = strict(PageQuery)

export const NewMerge = named(
  'NewMerge',
  strict({
    into_ticket_id: { ...TicketParams.properties.ticket, description: 'The other ticket, by id, number or external id.' },
  }),
)

export const NewSplit = named(
  'NewSplit',
  strict({
    message_ids: Type.Array(Type.String({ pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$' }), {
      minItems: 1,
      maxItems: 100,
      description: 'The messages that go. At least one stays, a public one if public ones go.',
    }),
    subject: TicketChanges.properties.subject,
    queue_id: TicketChanges.properties.queue_id,
    requester_id: Type.Optional(
      Type.String({
        pattern: '^usr_[0-9a-hjkmnp-tv-z]{26}$',
        description:
          'Who raised the new ticket: the requester or a cc of the old one, or you. Without it, whoever of them wrote the first public message that goes; of notes alone, you.',
      }),
    ),
  }),
)
