import { type Static, type TSchema, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Id, Locale, TimeZone } from '../directory/index.ts'
import { type Kind, kinds, usual, type Way, ways } from './choices.ts'
import { placeholders } from './placeholders.ts'

const stamps = { created_at: Time, updated_at: Time, version: Type.Integer({ description: 'Plus one with every change.' }) }
const TimeOfDay = Type.String({
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  description: '`HH:MM`, on the clock of `time_zone`.',
})

const whatFor: Readonly<Record<Kind, string>> = {
  mentioned: 'A note mentions you.',
  assigned: 'A ticket is yours now.',
  reply: 'Somebody wrote a public message in a ticket in which you take part.',
  note: 'Somebody wrote a note in a ticket that you have or follow.',
  pending_reminder: 'The time is up for which a ticket that you have or follow was put aside.',
  reopened: 'A ticket was reopened.',
  solved: 'A ticket was solved.',
  status_changed: 'A ticket went to another status.',
  new_ticket: 'There is a new ticket in a queue of yours, and nobody has it.',
  ticket_received: 'Your request is here.',
}

/** A receipt that comes a day later is none. */
function waysOf(kind: Kind): readonly Way[] {
  return kind === 'ticket_received' ? ['at_once', 'off'] : ways
}

function choicesOf(some: readonly Kind[], wrap: (way: TSchema) => TSchema): Record<string, TSchema> {
  const entries = some.map((kind) => {
    const way = Type.Enum([...waysOf(kind)], { type: 'string', description: whatFor[kind] })
    return [kind, wrap(way)] as const
  })
  return Object.fromEntries(entries)
}

/** The kinds of which the public side of tickets is told. */
export const requesterKinds: readonly Kind[] = kinds.filter((kind) => usual.requester[kind] !== undefined)

const Quiet = strict({ from: TimeOfDay, until: TimeOfDay })
const digestTimes = 'When digests come: each day at a time of day, `HH:MM` on the clock of `time_zone`, or `hourly`.'
const DigestAt = Type.String({
  pattern: '^(hourly|([01][0-9]|2[0-3]):[0-5][0-9])$',
  description: digestTimes,
})

export const NotificationPreferences = named(
  'NotificationPreferences',
  Type.Object({
    object: Type.Literal('notification_preferences'),
    choices: Type.Object(choicesOf(kinds, Type.Optional), {
      description:
        'When you are told of what: `at_once`, in a `digest`, or not at all. Kinds that you are never told of are absent.',
    }),
    quiet_hours: Type.Union([Type.Object(Quiet.properties), Type.Null()], {
      description: 'Mail about tickets waits until they end, each day.',
    }),
    digest_at: DigestAt,
    time_zone: { ...TimeZone, description: 'That of your account; `UTC` where it has none.' },
    version: Type.Integer({ description: 'Plus one with every change; 0 where you have said nothing.' }),
  }),
)
export type NotificationPreferences = Static<typeof NotificationPreferences>

const patch = {
  quiet_hours: Type.Optional(
    Type.Union([Quiet, Type.Null()], { description: 'Over midnight where they end before they begin; null: none.' }),
  ),
  digest_at: Type.Optional(nullable({ ...DigestAt, description: `${digestTimes} Null: at 08:00.` })),
}
const choicesPatch = (some: readonly Kind[]) =>
  Type.Optional(
    strict(
      choicesOf(some, (way) => Type.Optional(nullable(way))),
      'A merge patch: a kind that is absent stays, null is the usual again.',
    ),
  )
export const NotificationPatch = named('NotificationPatch', strict({ choices: choicesPatch(kinds), ...patch }))
export const NotificationPatchByRequester = named(
  'NotificationPatchByRequester',
  strict({ choices: choicesPatch(requesterKinds), ...patch }),
)

export const Unsubscribe = named(
  'Unsubscribe',
  strict({ token: Type.String({ minLength: 1, maxLength: 300, description: 'The `token` of the link in the mail.' }) }),
)
export const Unsubscription = named(
  'Unsubscription',
  Type.Object({ object: Type.Literal('unsubscription'), status: Type.Literal('unsubscribed') }),
)

const KindName = Type.Enum([...kinds], { type: 'string', description: 'What the mail tells.' })
const templated = (maxLength: number, description: string) =>
  nullable(Type.String({ minLength: 1, maxLength, description: `${description} Null: as it is built in.` }))
const names = Object.keys(placeholders)
  .map((name) => `\`{{${name}}}\``)
  .join(', ')
const parts = {
  subject: templated(300, 'The subject, on one line.'),
  greeting: templated(300, 'How it begins, on one line.'),
  body: templated(10_000, `What it says, plain text; a message that is told of stands below. Placeholders: ${names}.`),
  signature: templated(2000, 'How it ends, in place of the signature of the mailbox.'),
}
const where = {
  queue_id: nullable({ ...Id, description: 'For tickets of this queue; null: of every queue.' }),
  locale: nullable({ ...Locale, description: 'For readers of this language, BCP 47; null: of every language.' }),
}

export const MailTemplate = named(
  'MailTemplate',
  Type.Object({
    id: Type.String({ examples: ['tpl_01k9zz3c5pe6nrzv8d1a2b3c4d'] }),
    object: Type.Literal('mail_template'),
    kind: KindName,
    ...where,
    ...parts,
    ...stamps,
  }),
)
export type MailTemplate = Static<typeof MailTemplate>
export const MailTemplateList = listOf('MailTemplateList', MailTemplate)
export const MailTemplateQuery = strict({
  ...CreationQuery,
  kind: Type.Optional(KindName),
  queue_id: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'An id, or `none`.' })),
  locale: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9-]{1,35}$', description: 'A language, or `none`.' })),
})
const optionalParts = {
  subject: Type.Optional(parts.subject),
  greeting: Type.Optional(parts.greeting),
  body: Type.Optional(parts.body),
  signature: Type.Optional(parts.signature),
}
export const NewMailTemplate = named(
  'NewMailTemplate',
  strict({ kind: KindName, queue_id: Type.Optional(where.queue_id), locale: Type.Optional(where.locale), ...optionalParts }),
)
export type NewMailTemplate = Static<typeof NewMailTemplate>
export const MailTemplatePatch = named('MailTemplatePatch', strict(optionalParts))
export type MailTemplatePatch = Static<typeof MailTemplatePatch>

export const PreviewOf = named(
  'MailPreviewRequest',
  strict({
    kind: KindName,
    locale: Type.Optional({ ...Locale, description: 'The language of the reader; without it that of the settings.' }),
    side: Type.Optional(
      Type.Enum(['requester', 'staff'], { type: 'string', description: 'Who reads it. Without it: whom this kind is for.' }),
    ),
    ticket_id: Type.Optional({ ...Id, description: 'About this ticket; without it about a made-up one.' }),
    queue_id: Type.Optional({ ...Id, description: 'As if the ticket were in this queue.' }),
    ...optionalParts,
  }),
)
export type PreviewOf = Static<typeof PreviewOf>
export const MailPreview = named(
  'MailPreview',
  Type.Object({
    object: Type.Literal('mail_preview'),
    kind: KindName,
    locale: Type.String({ description: 'The language of its text.' }),
    subject: Type.String(),
    text: Type.String(),
    html: Type.String({ description: 'A whole page. Show it where no script runs.' }),
  }),
)
