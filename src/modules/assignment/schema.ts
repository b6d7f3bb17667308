import { type Static, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { assignmentModes, assignmentOrders } from '../desk/index.ts'
import { Id } from '../directory/index.ts'
import { openCategories } from './handover.ts'

const Availability = Type.Enum(['online', 'away', 'offline'], { type: 'string' })
const Skill = Type.String({
  minLength: 1,
  maxLength: 50,
  pattern: '^[^\\s,:][^,:\\p{Cc}]*$',
  description: 'Kept in lower case; no comma, no colon.',
})
const Skills = Type.Array(Skill, { maxItems: 50 })
const Capacity = nullable(
  Type.Integer({
    minimum: 0,
    maximum: 10_000,
    description: 'How many new and open tickets he has at most by automatic assignment; null: any number.',
  }),
)

export const AgentParams = strict({ user_id: Id })
export const QueueParams = strict({ queue: Type.String({ pattern: '^que_[0-9a-hjkmnp-tv-z]{26}$', description: 'A queue.' }) })

export const Agent = named(
  'Agent',
  Type.Object({
    id: Type.String({ examples: ['usr_01k9zz3c5pe6nrzv8d1a2b3c4d'] }),
    object: Type.Literal('agent'),
    name: Type.String(),
    active: Type.Boolean({ description: 'Whether he may sign in; who may not is given nothing.' }),
    availability: Availability,
    availability_changed_at: nullable(Time),
    capacity: Capacity,
    skills: Type.Array(Type.String()),
    open_tickets: Type.Integer({ description: 'His new and open tickets.' }),
    queue_ids: Type.Array(Type.String(), {
      description: 'Where he is given tickets: the queues of his teams, and for agents those without teams.',
    }),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer({ description: 'Plus one with every change.' }),
  }),
)
export const AgentList = listOf('AgentList', Agent)
export const AgentQuery = strict({ ...CreationQuery, availability: Type.Optional(Availability) })
export const AgentPatch = named(
  'AgentPatch',
  strict({
    availability: Type.Optional(Availability),
    capacity: Type.Optional(Capacity),
    skills: Type.Optional(Skills),
  }),
)

export const TicketSkills = named(
  'TicketSkills',
  strict({
    skills: Skills,
    relax_after_seconds: Type.Optional(
      nullable(
        Type.Integer({
          minimum: 0,
          maximum: 31_536_000,
          description: 'They bind no longer after this time; null: for ever. Without it the queue says.',
        }),
      ),
    ),
  }),
)

export const Eligibility = named(
  'Eligibility',
  Type.Object({
    object: Type.Literal('eligibility'),
    ticket_id: Type.String(),
    policy: Type.Object({
      queue_id: Type.String(),
      mode: Type.Enum([...assignmentModes], { type: 'string' }),
      order: Type.Enum([...assignmentOrders], { type: 'string' }),
    }),
    waiting: Type.Boolean({ description: 'Whether somebody may take it.' }),
    required_skills: Type.Array(
      Type.Object({
        skill: Type.String(),
        relax_at: nullable(Time),
        binding: Type.Boolean({ description: 'Whether it binds now.' }),
      }),
    ),
    candidates: Type.Array(
      Type.Object({
        agent_id: Type.String(),
        name: Type.String(),
        eligible: Type.Boolean(),
        reasons: Type.Array(Type.String(), {
          description:
            'What speaks against him: `not_in_queue`, `inactive`, `away`, `offline`, `at_capacity`, `missing_skill:…`. More may be added.',
        }),
        open_tickets: Type.Integer(),
        capacity: Capacity,
        last_assigned_seq: Type.Integer({ description: 'The number of the last ticket that this queue gave him by itself.' }),
      }),
      { description: 'All of the staff, in the order in which they would be given it; who cannot be comes last.' },
    ),
    next_agent_id: nullable(Type.String({ description: 'Who is given it next by the queue itself; null: nobody.' })),
  }),
)
export type Eligibility = Static<typeof Eligibility>

export const NewHandover = named(
  'NewHandover',
  strict({
    to: Type.Union([Type.Literal('queue'), Type.String({ pattern: '^usr_[0-9a-hjkmnp-tv-z]{26}$' })], {
      description: '`queue`: back to their queues; or an active agent.',
    }),
    queue_ids: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 100, description: 'Only the tickets of these queues.' })),
    status_categories: Type.Optional(
      Type.Array(Type.Enum([...openCategories], { type: 'string' }), {
        minItems: 1,
        description: 'Only tickets in these; without it all that are not solved.',
      }),
    ),
    dry_run: Type.Boolean({ description: 'Only says what it would do.' }),
  }),
)
export const HandoverAnswer = named(
  'Handover',
  Type.Object({
    object: Type.Literal('handover'),
    agent_id: Type.String(),
    to: Type.String(),
    dry_run: Type.Boolean(),
    total: Type.Integer({ description: 'How many tickets it hands over.' }),
    by_queue: Type.Array(Type.Object({ queue_id: Type.String(), count: Type.Integer() })),
    ticket_ids: Type.Array(Type.String(), { description: 'The first 100 of them.' }),
    impossible: Type.Array(
      Type.Object({
        ticket_id: Type.String(),
        queue_id: Type.String(),
        reason: Type.String({ description: '`claim_only`, `not_in_queue`. More may be added.' }),
      }),
      { description: 'The first 100 that stay where they are, and why.' },
    ),
    job_id: nullable(Type.String({ description: 'The job that does it, when there are more than 100.' })),
  }),
)
