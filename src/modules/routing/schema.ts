import { type Static, type TSchema, Type } from 'typebox'
import { IncludeTotal } from '../../platform/http/list.ts'
import { listOf, named, nullable, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { PriorityName, Tag } from '../desk/index.ts'
import { Id, Name } from '../directory/index.ts'
import { conditionNames } from './routing.ts'

const anyOf = <S extends TSchema>(item: S, description: string) =>
  Type.Array(item, { minItems: 1, maxItems: 50, uniqueItems: true, description })

const condition = {
  category_ids: anyOf(Id, 'Categories; each stands for those under it, too.'),
  organization_ids: anyOf(Id, 'Organizations of the requester.'),
  channels: anyOf(Type.String({ pattern: '^[a-z0-9_-]{1,40}$' }), 'How the ticket came, `api` for one.'),
  mailbox_ids: anyOf(Id, 'Mailboxes that the ticket came by. One that came another way has none.'),
  priorities: anyOf(PriorityName, 'Priorities.'),
  tags: anyOf(Tag, 'Tags of the ticket.'),
  subject_words: anyOf(
    Type.String({ minLength: 1, maxLength: 100 }),
    'Words or phrases that stand in the subject as whole words; case and accents do not count.',
  ),
}
const action = {
  queue_id: { ...Id, description: 'The queue that the ticket goes to.' },
  priority: PriorityName,
  add_tags: anyOf(Tag, 'Tags that the ticket gets.'),
  assignee_id: { ...Id, description: 'An active agent who gets the ticket.' },
}

function optional<P extends Record<string, TSchema>>(properties: P) {
  // One optional key for each key of `properties`, by the loop.
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])) as {
    [K in keyof P]: ReturnType<typeof Type.Optional<P[K]>>
  }
}

function clearable<P extends Record<string, TSchema>>(properties: P) {
  // As above.
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(nullable(schema))])) as {
    [K in keyof P]: ReturnType<typeof Type.Optional<ReturnType<typeof nullable<P[K]>>>>
  }
}

const all = 'All that are given must hold, each by any of its values. Without any the rule matches every ticket.'
export const Conditions = named('RoutingConditions', strict(optional(condition), all))
export const Actions = named('RoutingActions', strict(optional(action), 'At least one.'))

const position = Type.Integer({ minimum: 1, description: 'Its place, from 1; the first rule that matches decides.' })

export const RoutingRule = named(
  'RoutingRule',
  Type.Object({
    id: Type.String({ examples: ['rul_01k9zz3c5pe6nrzv8d1a2b3c4d'] }),
    object: Type.Literal('routing_rule'),
    name: Type.String(),
    position,
    enabled: Type.Boolean(),
    conditions: Conditions,
    actions: Actions,
    created_at: Time,
    updated_at: Time,
    version: Type.Integer({ description: 'Plus one with every change.' }),
  }),
)
export type RoutingRule = Static<typeof RoutingRule>

export const RoutingRuleList = listOf('RoutingRuleList', RoutingRule)
export const RoutingRuleQuery = strict({ ...PageQuery, include: IncludeTotal })
export const NewRoutingRule = named(
  'NewRoutingRule',
  strict({
    name: Name,
    enabled: Type.Optional(Type.Boolean({ default: true })),
    conditions: Type.Optional(Conditions),
    actions: Actions,
  }),
)
export const RoutingRulePatch = named(
  'RoutingRulePatch',
  strict({
    name: Type.Optional(Name),
    position: Type.Optional({ ...position, description: 'Moves it there; behind the last is the last.' }),
    enabled: Type.Optional(Type.Boolean()),
    conditions: Type.Optional(strict(clearable(condition), 'What is absent stays; null takes a condition away.')),
    actions: Type.Optional(strict(clearable(action), 'What is absent stays; null takes an action away.')),
  }),
)

/** A ticket that there is not yet. */
export const DraftTicket = named(
  'DraftTicket',
  strict({
    subject: Type.Optional({ ...Name, maxLength: 300 }),
    category_id: Type.Optional(nullable(Id)),
    priority: Type.Optional(PriorityName),
    tags: Type.Optional(Type.Array(Tag, { maxItems: 50 })),
    organization_id: Type.Optional(nullable(Id)),
    channel: Type.Optional(condition.channels.items),
    mailbox_id: Type.Optional(nullable(Id)),
  }),
)

const ActionName = Type.Enum(['queue_id', 'priority', 'add_tags', 'assignee_id'], { type: 'string' })

/** Which rule matches a ticket, and why the others do not. */
export const Routing = named(
  'Routing',
  Type.Object({
    object: Type.Literal('routing'),
    ticket_id: nullable(Type.String({ description: 'Null for a draft.' })),
    rule_id: nullable(Type.String({ description: 'The first rule that matches; null when none does.' })),
    actions: Type.Object(optional(action), { description: 'What would change in the ticket, by that rule.' }),
    skipped: Type.Array(
      Type.Object({
        action: ActionName,
        reason: Type.Enum(['queue_archived', 'agent_inactive', 'too_many_tags', 'set_by_staff'], { type: 'string' }),
      }),
      { description: 'What the rule says and what would not be done.' },
    ),
    trace: Type.Array(
      Type.Object({
        rule_id: Type.String(),
        name: Type.String(),
        position: Type.Integer(),
        matched: Type.Boolean(),
        reason: Type.Enum(['matched', 'disabled', 'conditions', 'earlier_rule_matched'], { type: 'string' }),
        conditions: Type.Array(
          Type.Object({
            condition: Type.Enum([...conditionNames], { type: 'string' }),
            holds: Type.Boolean(),
            expected: Type.Array(Type.String()),
            actual: Type.Array(Type.String()),
          }),
        ),
      }),
      { description: 'Every rule, in order.' },
    ),
  }),
)
export type Routing = Static<typeof Routing>
