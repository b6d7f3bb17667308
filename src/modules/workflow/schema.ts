import { type Static, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Id, Name } from '../directory/index.ts'
import { requirable, STATUS_KEY, statusCategories, takers } from './lifecycle.ts'

const StatusKey = Type.String({ pattern: STATUS_KEY, description: 'Unique in its lifecycle, and kept for ever.' })
const Category = Type.Enum([...statusCategories], { type: 'string', description: 'What the status means to clocks and clients.' })
const StatusKeyName = Type.String({ pattern: STATUS_KEY })

const Status = strict({
  key: StatusKey,
  label: { ...Name, description: 'What staff call it.' },
  requester_label: nullable({
    ...Name,
    description: 'What requesters call it. Null hides the status: they see the name of its category instead.',
  }),
  category: Category,
})

const Transition = strict({
  from: StatusKeyName,
  to: StatusKeyName,
  by: Type.Array(Type.Enum([...takers], { type: 'string' }), {
    minItems: 1,
    uniqueItems: true,
    description:
      'Who may take it: `agent` (and so admins), `admin`, `requester` (who raised the ticket), `system` (Beckon itself: a reply wakes, time passes).',
  }),
  required_fields: Type.Array(
    Type.String({ pattern: `^(${requirable.join('|')}|fields\\.[a-z][a-z0-9_]{0,39})$`, examples: ['category_id'] }),
    { maxItems: 50, uniqueItems: true, description: `What the ticket must have: ${requirable.join(', ')}, or \`fields.KEY\`.` },
  ),
})
const NewTransition = strict({
  ...Transition.properties,
  required_fields: Type.Optional(Transition.properties.required_fields),
})

const Mapping = strict(
  { from_lifecycle_id: Id, from_status: StatusKeyName, to_status: StatusKeyName },
  'Where a ticket stands that moves here from a queue of another lifecycle. Without one: under the same key, else in its category.',
)

export const Lifecycle = named(
  'Lifecycle',
  Type.Object({
    id: Type.String({ examples: ['lif_01k9zz3c5pe6nrzv8d1a2b3c4d'] }),
    object: Type.Literal('lifecycle'),
    name: Type.String(),
    statuses: Type.Array(Status, { description: 'In their order; the first of a category is where tickets arrive in it.' }),
    transitions: Type.Array(Transition),
    mappings: Type.Array(Mapping),
    archived_at: nullable(Time),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer({ description: 'Plus one with every change.' }),
  }),
)
export type LifecycleShown = Static<typeof Lifecycle>
export const LifecycleList = listOf('LifecycleList', Lifecycle)
export const LifecycleQuery = strict({
  ...CreationQuery,
  archived: Type.Optional(Type.Boolean({ description: 'Only those out of use, or only those in use.' })),
})

const definition = {
  statuses: Type.Array(Status, { minItems: 4, maxItems: 50 }),
  transitions: Type.Array(NewTransition, { maxItems: 1000 }),
  mappings: Type.Array(Mapping, { maxItems: 500 }),
}
export const NewLifecycle = named(
  'NewLifecycle',
  strict({ ...definition, name: Name, mappings: Type.Optional(definition.mappings) }),
)
export const LifecyclePatch = named(
  'LifecyclePatch',
  strict({
    name: Type.Optional(Name),
    statuses: Type.Optional(definition.statuses),
    transitions: Type.Optional(definition.transitions),
    mappings: Type.Optional(definition.mappings),
    replacements: Type.Optional(
      Type.Record(Type.String({ pattern: STATUS_KEY }), StatusKeyName, {
        additionalProperties: false,
        description: 'For each status that is left out: the one that its tickets go to.',
      }),
    ),
    archived: Type.Optional(Type.Boolean({ description: 'True takes it out of use, false back into use.' })),
  }),
)

/** The name of a status, for whoever shows tickets. */
const StatusName = named(
  'Status',
  Type.Object({
    object: Type.Literal('status'),
    key: Type.String(),
    label: Type.String({ description: 'What you call it.' }),
    category: Category,
    requester_label: Type.Optional({ ...nullable(Type.String()), 'x-staff-only': true }),
    lifecycle_id: Type.Optional(Type.String({ 'x-staff-only': true })),
  }),
)
export type StatusShown = Static<typeof StatusName>
export const StatusList = named(
  'StatusList',
  Type.Object({ object: Type.Literal('list'), data: Type.Array(StatusName), has_more: Type.Boolean(), next_cursor: Type.Null() }),
)
