import { type Static, type TSchema, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { ExternalId, listOf, Metadata, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Id, importedPatch, Locale, Name } from '../directory/index.ts'
import { assignmentModes, assignmentOrders, fallbacks } from './assignment.ts'
import { priorities } from './classification.ts'
import { unverifiedMail } from './unverified-mail.ts'

/** A key that only staff are shown; for a requester it is absent. */
function staffOnly<S extends TSchema>(schema: S) {
  return Type.Optional({ ...schema, 'x-staff-only': true })
}

const id = (example: string) => Type.String({ examples: [example] })
const stamps = { created_at: Time, updated_at: Time, version: Type.Integer({ description: 'Plus one with every change.' }) }
const forStaff = {
  external_id: staffOnly(nullable(ExternalId)),
  metadata: staffOnly(Metadata),
  archived_at: staffOnly(nullable(Time)),
  updated_at: staffOnly(Time),
  version: staffOnly(stamps.version),
}
const newImported = { external_id: Type.Optional(nullable(ExternalId)), metadata: Type.Optional(Metadata) }
const archived = Type.Optional(Type.Boolean({ description: 'True takes it out of use, false back into use.' }))
const onlyArchived = Type.Optional(Type.Boolean({ description: 'Only those out of use, or only those in use.' }))

const QueueKey = Type.String({
  pattern: '^[a-z0-9_-]{1,40}$',
  description: 'Short and unique: lower-case letters, digits, `_` and `-`.',
  examples: ['billing'],
})

const TeamIds = Type.Array(Id, {
  maxItems: 50,
  uniqueItems: true,
  description: 'Whose members work in this queue. Without teams it is open to all agents.',
})

export const PriorityName = Type.Enum([...priorities], { type: 'string' })

export const Tag = Type.String({
  minLength: 1,
  maxLength: 50,
  // What an address cannot hold as a part of its path could never be taken off again.
  pattern: '^(?!\\.{1,2}$)[^\\s,][^,\\p{Cc}]*$',
  description: 'Kept in lower case; no comma.',
})
const seconds = (minimum: number, description: string) => nullable(Type.Integer({ minimum, maximum: 31_536_000, description }))
const policy = {
  mode: Type.Enum([...assignmentModes], {
    type: 'string',
    description:
      '`manual`: agents claim tickets or are given them. `claim_only`: a ticket comes to an agent by his own claim only. `round_robin` and `load_balanced`: Beckon gives them to agents who are online, in turn or to whom has the fewest.',
  }),
  order: Type.Enum([...assignmentOrders], {
    type: 'string',
    description: 'What stands first in its line: by due time, then priority; by priority; or by age alone.',
  }),
  claim_ttl_seconds: seconds(60, 'What was claimed and left untouched goes back after this time; null: never.'),
  reassign_on_away: Type.Boolean({ description: 'Who goes away or offline gives back his new and open tickets of this queue.' }),
  skill_relax_seconds: seconds(0, 'A skill that a ticket asks for binds no longer after this time; null: for ever.'),
}
const fallback = {
  to: Type.Enum([...fallbacks], {
    type: 'string',
    description:
      'When nobody can be given a ticket: `none`, it waits; `away`, agents who are away count, too; `queue`, it moves.',
  }),
  queue_id: nullable(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'The queue that it moves to, with `queue`.' })),
}
const AssignmentPolicy = Type.Object(
  { ...policy, fallback: Type.Object(fallback) },
  { description: 'How its tickets come to agents.' },
)
const AssignmentPatch = Type.Optional(
  strict(
    {
      mode: Type.Optional(policy.mode),
      order: Type.Optional(policy.order),
      claim_ttl_seconds: Type.Optional(policy.claim_ttl_seconds),
      fallback: Type.Optional(strict({ to: Type.Optional(fallback.to), queue_id: Type.Optional(fallback.queue_id) })),
      reassign_on_away: Type.Optional(policy.reassign_on_away),
      skill_relax_seconds: Type.Optional(policy.skill_relax_seconds),
    },
    'How its tickets come to agents; a key that is absent stays as it is.',
  ),
)

const UnverifiedMail = Type.Enum([...unverifiedMail], {
  type: 'string',
  description:
    'What becomes of a mail that leads to a ticket of this queue and whose sender takes no part in it, or is not proven to be who he says: `new_ticket`, a ticket of its own that is linked with the first; `internal_note`, a note in the ticket; `quarantine`, it waits for an admin.',
})

export const Queue = named(
  'Queue',
  Type.Object({
    id: id('que_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('queue'),
    key: Type.String(),
    name: Type.String(),
    team_ids: staffOnly(Type.Array(Type.String(), { description: 'Empty: open to all agents.' })),
    public: staffOnly(Type.Boolean({ description: 'Whether requesters see it and may choose it.' })),
    lifecycle_id: staffOnly(Type.String({ description: 'Which statuses its tickets have.' })),
    assignment: staffOnly(AssignmentPolicy),
    unverified_mail: staffOnly(UnverifiedMail),
    created_at: Time,
    ...forStaff,
  }),
)
export type Queue = Static<typeof Queue>

export const QueueList = listOf('QueueList', Queue)
export const QueueQuery = strict({
  ...CreationQuery,
  key: Type.Optional(QueueKey),
  public: Type.Optional(Type.Boolean()),
  archived: onlyArchived,
})
export const NewQueue = named(
  'NewQueue',
  strict({
    key: QueueKey,
    name: Name,
    team_ids: Type.Optional(TeamIds),
    public: Type.Optional(Type.Boolean({ default: false, description: 'Whether requesters see it and may choose it.' })),
    lifecycle_id: Type.Optional({
      ...Id,
      description: 'Which statuses its tickets have; without it those of the default lifecycle.',
    }),
    assignment: AssignmentPatch,
    unverified_mail: Type.Optional({ ...UnverifiedMail, default: 'new_ticket' }),
    ...newImported,
  }),
)
export const QueuePatch = named(
  'QueuePatch',
  strict({
    key: Type.Optional(QueueKey),
    name: Type.Optional(Name),
    team_ids: Type.Optional(TeamIds),
    public: Type.Optional(Type.Boolean()),
    lifecycle_id: Type.Optional({
      ...Id,
      description: 'Another lifecycle: a job moves the tickets of the queue to it, by its mappings.',
    }),
    assignment: AssignmentPatch,
    unverified_mail: Type.Optional(UnverifiedMail),
    archived,
    ...importedPatch,
  }),
)

const QueueIds = Type.Array(Id, {
  maxItems: 100,
  uniqueItems: true,
  description:
    'The queues whose tickets are given it; empty: all. Requesters see it when it is for all, or for a public queue in use. A ticket that moves keeps what it has.',
})

export const Category = named(
  'Category',
  Type.Object({
    id: id('cat_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('category'),
    name: Type.String(),
    parent_id: nullable(Type.String({ description: 'The category above it; null at the top.' })),
    queue_ids: staffOnly(Type.Array(Type.String(), { description: 'The queues that it is for. Empty: for all.' })),
    created_at: Time,
    ...forStaff,
  }),
)
export type Category = Static<typeof Category>

export const CategoryList = listOf('CategoryList', Category)
export const CategoryQuery = strict({
  ...CreationQuery,
  parent_id: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'An id, or `none` for those at the top.' }),
  ),
  queue_id: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Those for tickets of this queue.' })),
  archived: onlyArchived,
})
export const NewCategory = named(
  'NewCategory',
  strict({ name: Name, parent_id: Type.Optional(nullable(Id)), queue_ids: Type.Optional(QueueIds), ...newImported }),
)
export const CategoryPatch = named(
  'CategoryPatch',
  strict({
    name: Type.Optional(Name),
    parent_id: Type.Optional(nullable(Id)),
    queue_ids: Type.Optional(QueueIds),
    archived,
    ...importedPatch,
  }),
)

const setting = {
  registration: Type.Enum(['open', 'closed'], {
    type: 'string',
    description: '`open`: whoever proves an address gets an account. `closed`: only admins make accounts.',
  }),
  default_queue_id: Type.String({
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    description: 'Where a ticket goes when nothing else says so.',
  }),
  default_lifecycle_id: Type.String({
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    description: 'The lifecycle of queues that are made without one.',
  }),
  message_edit_seconds: Type.Integer({
    minimum: 0,
    maximum: 2_592_000,
    description: 'How long an author may change or retract a message; 0: not at all.',
  }),
  close_solved_after_days: Type.Integer({
    minimum: 0,
    maximum: 365,
    description: 'After how many quiet days a solved ticket is closed; 0: never by itself.',
  }),
  agents_answer_by_mail: Type.Boolean({
    description:
      'Whether the mail of an agent can be his public answer: only to a mail that Beckon sent to himself, only where his domain proves that it is his (DMARC), and only where he may answer now.',
  }),
  mail_locale: { ...Locale, description: 'The language of mail to whoever has not said which he reads, BCP 47.' },
}

export const Settings = named(
  'Settings',
  Type.Object({ id: Type.Literal('settings'), object: Type.Literal('settings'), ...setting, ...stamps }),
)
export type Settings = Static<typeof Settings>

export const SettingsPatch = named(
  'SettingsPatch',
  strict({
    registration: Type.Optional(setting.registration),
    default_queue_id: Type.Optional(setting.default_queue_id),
    default_lifecycle_id: Type.Optional(setting.default_lifecycle_id),
    message_edit_seconds: Type.Optional(setting.message_edit_seconds),
    close_solved_after_days: Type.Optional(setting.close_solved_after_days),
    agents_answer_by_mail: Type.Optional(setting.agents_answer_by_mail),
    mail_locale: Type.Optional(setting.mail_locale),
  }),
)
