import { type Static, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { listOf, named, nullable, strict, Time } from '../../platform/http/schemas.ts'

const state = Type.Enum(['running', 'done', 'failed'], {
  type: 'string',
  description: '`failed`: it was tried for hours, and given up; `error` says why.',
})

export const Job = named(
  'Job',
  Type.Object({
    id: Type.String({ examples: ['job_01k9zz3c5pe6nrzv8d1a2b3c4d'] }),
    object: Type.Literal('job'),
    kind: Type.String({ description: 'What it does.', examples: ['tags.rename'] }),
    state,
    processed: Type.Integer({ description: 'How many it has done so far.' }),
    total: nullable(Type.Integer({ description: 'How many there were when it began; null where nobody counted.' })),
    error: nullable(Type.String()),
    started_by_id: Type.String({ description: 'A user or an API key, or `system`.' }),
    created_at: Time,
    updated_at: Time,
    finished_at: nullable(Time),
    version: Type.Integer({ description: 'Plus one with every step.' }),
  }),
)
export type Job = Static<typeof Job>

export const JobList = listOf('JobList', Job)
export const JobQuery = strict({
  ...CreationQuery,
  state: Type.Optional(state),
  kind: Type.Optional(
    Type.String({ pattern: '^[a-z_]{1,30}\\.[a-z_]{1,30}$', description: 'What it does, `tickets.replace_status` for one.' }),
  ),
})
