import { type Static, type TSchema, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Id, Name } from '../directory/index.ts'
import { type FieldValue, fieldTypes, LONGEST_TEXT, OPTION_VALUE, requesterAccesses, requirements } from './field.ts'

/** A key that only staff are shown; for a requester it is absent. */
function staffOnly<S extends TSchema>(schema: S) {
  return Type.Optional({ ...schema, 'x-staff-only': true })
}

const id = (example: string) => Type.String({ examples: [example] })
const stamps = { created_at: Time, updated_at: Time, version: Type.Integer({ description: 'Plus one with every change.' }) }
const archived = Type.Optional(Type.Boolean({ description: 'True takes it out of use, false back into use.' }))
const onlyArchived = Type.Optional(Type.Boolean({ description: 'Only those out of use, or only those in use.' }))

/** What the key of a field may be, as it stands between brackets in a query. */
export const FIELD_KEY = '[a-z][a-z0-9_]{0,39}'

/** A value of any type of field. */
export const FieldValueShape = Type.Unsafe<FieldValue>({
  anyOf: [
    { type: 'string', maxLength: 2 * LONGEST_TEXT },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', items: { type: 'string', maxLength: 64 }, maxItems: 200 },
  ],
})

const FieldTypeName = Type.Enum([...fieldTypes], {
  type: 'string',
  description: 'What its values are. A date is `YYYY-MM-DD`; a user or an organization is named by its id.',
})
const RequiredName = Type.Enum([...requirements], {
  type: 'string',
  description:
    '`create`: a ticket must have it from the start. `solve`: staff must fill it in before a ticket is solved or closed.',
})
const Access = Type.Enum([...requesterAccesses], {
  type: 'string',
  description: 'What requesters may do with it on tickets that they see: nothing, read it, or on their own also write it.',
})
const Limit = (about: string) => nullable(Type.Number({ description: about }))
const MaxLength = nullable(
  Type.Integer({ minimum: 1, maximum: LONGEST_TEXT, description: 'Of a text: at most so many characters.' }),
)
const Position = Type.Integer({ minimum: 0, maximum: 100_000, description: 'Where forms show it, lowest first.' })
const TypeIds = Type.Array(Id, {
  maxItems: 100,
  uniqueItems: true,
  description: 'Staff set it only on tickets of these types. Empty: on all.',
})

const OptionValue = Type.String({ pattern: OPTION_VALUE.source, description: 'What tickets keep. `none` is not allowed.' })
const NewOption = strict({
  value: OptionValue,
  label: Name,
  archived: Type.Optional(Type.Boolean({ description: 'Out of use: tickets that have it keep it, no other gets it.' })),
})
const Options = Type.Array(NewOption, {
  maxItems: 200,
  description: 'Of a choice. An option that tickets have cannot be left out; archive it.',
})

/** A custom field. The keys that are optional here are always there for staff, and never for requesters. */
export const Field = named(
  'Field',
  Type.Object({
    id: id('fld_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('field'),
    key: Type.String({ description: 'The key of its values in `fields` of a ticket. It never changes.' }),
    label: Type.String({ description: 'For a requester the one that is meant for him.' }),
    requester_label: staffOnly(nullable(Type.String({ description: 'What requesters read instead of the label.' }))),
    type: FieldTypeName,
    options: Type.Array(Type.Object({ value: Type.String(), label: Type.String(), archived: staffOnly(Type.Boolean()) }), {
      description: 'Of a choice; for requesters those in use.',
    }),
    default: staffOnly(
      Type.Unsafe<FieldValue | null>({
        anyOf: [...(FieldValueShape as unknown as { anyOf: object[] }).anyOf, { type: 'null' }],
        description: 'What a new ticket gets.',
      }),
    ),
    required: RequiredName,
    requester_access: staffOnly(Access),
    type_ids: staffOnly(TypeIds),
    max_length: staffOnly(MaxLength),
    minimum: staffOnly(Limit('Of a number: the smallest.')),
    maximum: staffOnly(Limit('Of a number: the largest.')),
    position: staffOnly(Position),
    archived_at: staffOnly(nullable(Time)),
    created_at: Time,
    updated_at: staffOnly(Time),
    version: staffOnly(stamps.version),
  }),
)
export type Field = Static<typeof Field>

export const FieldList = listOf('FieldList', Field)
export const FieldQuery = strict({ ...CreationQuery, archived: onlyArchived })

const settable = {
  requester_label: Type.Optional(nullable(Name)),
  options: Type.Optional(Options),
  default: Type.Optional(nullable(FieldValueShape)),
  required: Type.Optional(RequiredName),
  requester_access: Type.Optional(Access),
  type_ids: Type.Optional(TypeIds),
  max_length: Type.Optional(MaxLength),
  minimum: Type.Optional(Limit('Of a number: the smallest.')),
  maximum: Type.Optional(Limit('Of a number: the largest.')),
  position: Type.Optional(Position),
}
export const NewField = named(
  'NewField',
  strict({
    key: Type.String({ pattern: `^${FIELD_KEY}$`, description: 'Unique: a letter, then letters, digits and `_`.' }),
    label: Name,
    type: FieldTypeName,
    ...settable,
  }),
)
export const FieldPatch = named('FieldPatch', strict({ label: Type.Optional(Name), ...settable, archived }))

export const TicketType = named(
  'TicketType',
  Type.Object({
    id: id('typ_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('ticket_type'),
    name: Type.String(),
    archived_at: nullable(Time),
    ...stamps,
  }),
)
export type TicketType = Static<typeof TicketType>

export const TicketTypeList = listOf('TicketTypeList', TicketType)
export const TicketTypeQuery = strict({ ...CreationQuery, archived: onlyArchived })
export const NewTicketType = named('NewTicketType', strict({ name: Name }))
export const TicketTypePatch = named('TicketTypePatch', strict({ name: Type.Optional(Name), archived }))
