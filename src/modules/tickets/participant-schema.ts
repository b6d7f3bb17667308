import { Type } from 'typebox'
import { listOf, named, nullable, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { notifications, participantRoles } from './participant.ts'
import { rights } from './policy.ts'
import { TicketParams } from './schema.ts'

const Notify = Type.Enum([...notifications], {
  type: 'string',
  description: 'What this person wants to hear: `all` that he may see, `replies` (public messages only), or `none`.',
})

/** Somebody who takes part in a ticket. */
export const Participant = named(
  'Participant',
  Type.Object({
    object: Type.Literal('participant'),
    user_id: Type.String(),
    name: Type.String(),
    roles: Type.Array(Type.Enum([...participantRoles], { type: 'string' }), {
      description: 'How he takes part. Requesters hear of requester and cc only.',
    }),
    may: Type.Array(Type.Enum([...rights], { type: 'string' }), {
      description:
        'What the rules let him do, whatever the state of the ticket: `read` its public side, `reply`, read and write a `note`, `invite` others, `steer` (close, reopen, subject, priority). To requesters nobody has a right of the staff. Empty for who is not active, and for a follower who is no agent any more.',
    }),
    notify: Type.Optional(Notify),
    created_at: nullable({ ...Time, description: 'When he was added; null for requester and assignee, whom the ticket names.' }),
  }),
)

export const ParticipantList = listOf('ParticipantList', Participant)
export const ParticipantQuery = strict(PageQuery)
export const ParticipantChanges = strict({ notify: Notify })
export const ParticipantParams = strict({
  ...TicketParams.properties,
  user_id: Type.String({ pattern: '^usr_[0-9a-hjkmnp-tv-z]{26}$', description: 'A person.' }),
})
/** Whom to add may be named by his address: a requester has no list of his colleagues. */
export const AddedParams = strict({
  ...TicketParams.properties,
  user_id: Type.String({
    pattern: '^(usr_[0-9a-hjkmnp-tv-z]{26}|[^\\s@]+@[^\\s@]+)$',
    description: 'A person: his id, or his e-mail address.',
  }),
})
export const AddedRole = strict({ role: Type.Optional(Type.Enum(['cc', 'follower'], { type: 'string' })) })
