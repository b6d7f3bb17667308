import { type Static, type TSchema, Type } from 'typebox'
import { IncludeTotal } from '../../platform/http/list.ts'
import { listOf, named, nullable, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { ExpectedLastMessage } from '../conversation/index.ts'
import { PriorityName, Tag } from '../desk/index.ts'
import { Id, Name } from '../directory/index.ts'
import { FIELD_KEY, FieldValueShape } from '../fields/index.ts'
import { STATUS_KEY } from '../workflow/index.ts'
import { placeholders } from './placeholders.ts'

const LONGEST_TEMPLATE = 16_384
const MOST_VARIANTS = 12
const YEAR_SECONDS = 31_622_400

const Visibility = Type.Enum(['private', 'team', 'shared'], {
  type: 'string',
  description:
    '`private`: its owner sees it. `team`: also the members of the team `team_id`, and admins. `shared`: the whole staff; only an admin shares so.',
})
const Shortcut = Type.String({
  pattern: '^[a-z0-9][a-z0-9_-]{0,49}$',
  description: 'What one types to find it: unique among those who share it.',
  examples: ['thanks'],
})
const TicketId = Type.String({ pattern: '^tkt_[0-9a-hjkmnp-tv-z]{26}$', description: 'The ticket.' })
const namesFor = (visibility: 'public' | 'internal'): string =>
  placeholders
    .filter((one) => one.visibility === visibility)
    .map(({ name }) => `\`${name}\``)
    .join(', ')

const Locale = Type.String({
  pattern: '^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,8}$',
  description: 'A language tag (BCP 47).',
  examples: ['de-AT'],
})
const Variant = strict({
  locale: Locale,
  body: Type.String({
    minLength: 1,
    maxLength: LONGEST_TEMPLATE,
    pattern: '\\S',
    description: `Markdown or plain text with placeholders: \`{{requester.first_name}}\`, or with a text for when there is none, \`{{requester.first_name|there}}\`. Two braces are \`\\{{\`. In every text: ${namesFor('public')}, and \`ticket.fields.<key>\` of fields that requesters may read; in notes also ${namesFor('internal')}, and every field.`,
  }),
})
const Variants = Type.Array(Variant, {
  minItems: 1,
  maxItems: MOST_VARIANTS,
  description: 'The text in each language, once; the first is for whom there is no other.',
})
const AttachmentIds = Type.Array(Type.String({ pattern: '^att_[0-9a-hjkmnp-tv-z]{26}$' }), {
  maxItems: 20,
  uniqueItems: true,
  description:
    'What is attached to the message: uploads of yours, each in one place only, and files that are in it already. They are kept with it; each message gets copies.',
})
const MessageVisibility = Type.Enum(['public', 'internal'], { type: 'string' })

const change = {
  status: Type.String({ pattern: STATUS_KEY, description: 'The key of a status.' }),
  priority: PriorityName,
  queue_id: Id,
  category_id: nullable(Id),
  assignee_id: nullable({ ...Id, description: 'An active agent, or `me`: whoever applies it.' }),
  type_id: nullable(Id),
  fields: Type.Record(Type.String({ pattern: `^${FIELD_KEY}$` }), nullable(FieldValueShape), {
    additionalProperties: false,
    maxProperties: 50,
    description: 'Values of custom fields by their keys; null takes one away.',
  }),
  pending_in_seconds: Type.Integer({
    minimum: 60,
    maximum: YEAR_SECONDS,
    description: 'After how long a pending or held ticket comes back by itself.',
  }),
  add_tags: Type.Array(Tag, { minItems: 1, maxItems: 50 }),
  remove_tags: Type.Array(Tag, { minItems: 1, maxItems: 50 }),
}
/** An object or null, of which one is told what is wrong in the object and not that it might be null. */
function objectOrNull<S extends TSchema>(schema: S, description: string) {
  return Type.Unsafe<Static<S> | null>({ ...schema, type: ['object', 'null'], description })
}

type Optional<P extends Record<string, TSchema>> = { [K in keyof P]: ReturnType<typeof Type.Optional<P[K]>> }

function optional<P extends Record<string, TSchema>>(properties: P): Optional<P> {
  const entries = Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])
  // Built from the very keys that the type lists.
  return Object.fromEntries(entries) as Optional<P>
}

const aboutChanges = 'What it changes; null clears, what is absent stays.'
const ShownChanges = named('MacroChanges', Type.Object(optional(change), { description: aboutChanges }))
const NewChanges = Type.Object(optional(change), { additionalProperties: false, minProperties: 1, description: aboutChanges })
const Faults = Type.Array(Type.Object({ pointer: Type.String(), code: Type.String(), detail: Type.String() }), {
  description:
    'What in it is no more, such as a queue that was archived, a field that is gone or a file that was removed; empty where all is well.',
})

const head = {
  name: Type.String(),
  shortcut: nullable(Shortcut),
  visibility: Visibility,
  team_id: nullable(Type.String({ description: 'The team with which it is shared.' })),
  owner_id: Type.String(),
}
const tail = {
  faults: Faults,
  created_at: Time,
  updated_at: Time,
  version: Type.Integer({ description: 'Plus one with every change.' }),
}

export const CannedReply = named(
  'CannedReply',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('canned_reply'),
    ...head,
    variants: Variants,
    attachment_ids: AttachmentIds,
    ...tail,
  }),
)
export type CannedReply = Static<typeof CannedReply>

const ShownMessage = Type.Object({ visibility: MessageVisibility, variants: Variants, attachment_ids: AttachmentIds })
export const Macro = named(
  'Macro',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('macro'),
    ...head,
    message: Type.Union([ShownMessage, Type.Null()], { description: 'What it writes; null: nothing.' }),
    changes: Type.Union([ShownChanges, Type.Null()], { description: 'What it changes; null: nothing.' }),
    ...tail,
  }),
)
export type Macro = Static<typeof Macro>

export const CannedReplyList = listOf('CannedReplyList', CannedReply)
export const MacroList = listOf('MacroList', Macro)
export const MacroQuery = strict({
  ...PageQuery,
  visibility: Type.Optional(Visibility),
  team_id: Type.Optional({ ...Id, description: 'Those shared with this team.' }),
  owner_id: Type.Optional({ ...Id, description: 'Those of this person, or of `me`.' }),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'A part of the name, or the beginning of the shortcut.' }),
  ),
  include: IncludeTotal,
})

const newHead = {
  name: Name,
  shortcut: Type.Optional(nullable(Shortcut)),
  visibility: Type.Optional({ ...Visibility, default: 'private' }),
  team_id: Type.Optional(nullable(Id)),
}
const patchedHead = {
  name: Type.Optional(Name),
  shortcut: Type.Optional(nullable(Shortcut)),
  visibility: Type.Optional(Visibility),
  team_id: Type.Optional(nullable(Id)),
  owner_id: Type.Optional({ ...Id, description: 'An admin gives what he sees to another active agent.' }),
}
export type Head = Partial<Pick<Static<typeof Macro>, 'name' | 'shortcut' | 'visibility' | 'team_id' | 'owner_id'>>

export const NewCannedReply = named(
  'NewCannedReply',
  strict({ ...newHead, variants: Variants, attachment_ids: Type.Optional(AttachmentIds) }),
)
export const CannedReplyPatch = named(
  'CannedReplyPatch',
  strict({ ...patchedHead, variants: Type.Optional(Variants), attachment_ids: Type.Optional(AttachmentIds) }),
)

const NewMessage = strict({
  visibility: Type.Optional({ ...MessageVisibility, default: 'public' }),
  variants: Variants,
  attachment_ids: Type.Optional(AttachmentIds),
})
export type NewMessage = Static<typeof NewMessage>

export const NewMacro = named(
  'NewMacro',
  strict({
    ...newHead,
    message: Type.Optional(objectOrNull(NewMessage, 'What it writes.')),
    changes: Type.Optional(objectOrNull(NewChanges, aboutChanges)),
  }),
)
const whole = 'What is sent takes the place of what was there; null takes it away.'
export const MacroPatch = named(
  'MacroPatch',
  strict({
    ...patchedHead,
    message: Type.Optional(objectOrNull(NewMessage, whole)),
    changes: Type.Optional(objectOrNull(NewChanges, whole)),
  }),
)

const Values = Type.Record(
  Type.String({ pattern: '^[a-z0-9_.]{1,100}$' }),
  Type.String({ minLength: 1, maxLength: 1000, pattern: '\\S' }),
  {
    additionalProperties: false,
    maxProperties: 50,
    description: 'Texts for placeholders by their names, where the ticket has none or you know better.',
    examples: [{ 'requester.last_name': 'Baker' }],
  },
)

/** For which ticket a text is written, and how. */
export const ForTicket = strict({
  ticket_id: TicketId,
  locale: Type.Optional({ ...Locale, description: 'The language; where there is no such variant, the first.' }),
  values: Type.Optional(Values),
})
export const AppliedToTicket = strict({ ...ForTicket.properties, expected_last_message_id: ExpectedLastMessage })
export type ForTicket = Static<typeof ForTicket>

const rendered = {
  locale: Type.String({ description: 'Of the variant that was taken.' }),
  body: Type.String({ description: 'A mark like `[requester.last_name]` stands where a value is missing.' }),
  body_html: Type.String(),
  missing: Type.Array(
    Type.Object({
      placeholder: Type.String(),
      reason: Type.Enum(['empty', 'unknown', 'not_public'], {
        type: 'string',
        description:
          '`empty`: the ticket has no such value. `unknown`: there is no such placeholder any more. `not_public`: requesters do not see it any more.',
      }),
    }),
  ),
}

export const RenderedReply = named(
  'RenderedReply',
  Type.Object({
    object: Type.Literal('rendered_reply'),
    ...rendered,
    attachment_ids: Type.Array(Type.String(), {
      description: 'Copies of its files: uploads of yours that one message can name, gone after a day if none does.',
    }),
  }),
)

export const MacroPreview = named(
  'MacroPreview',
  Type.Object({
    object: Type.Literal('macro_preview'),
    ticket_id: Type.String(),
    allowed: Type.Boolean({ description: 'Whether you could apply it now.' }),
    problem: Type.Union(
      [
        Type.Object({
          code: Type.String(),
          detail: Type.String(),
          errors: Type.Array(Type.Object({ pointer: Type.Optional(Type.String()), code: Type.String(), detail: Type.String() })),
        }),
        Type.Null(),
      ],
      { description: 'What applying it would answer; null where it is allowed.' },
    ),
    message: Type.Union(
      [Type.Object({ visibility: MessageVisibility, ...rendered, attachment_ids: AttachmentIds }), Type.Null()],
      {
        description: 'What would be written.',
      },
    ),
    changes: Type.Array(
      Type.Object({
        field: Type.String({ description: 'A key of the ticket; `fields.` and its key for a custom field.' }),
        from: Type.Unknown(),
        to: Type.Unknown(),
      }),
      { description: 'What would be another, also what follows by itself; empty where something forbids it.' },
    ),
  }),
)
export type MacroPreview = Static<typeof MacroPreview>
