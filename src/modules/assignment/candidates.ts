import { sql } from 'kysely'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { AgentFacts } from './eligibility.ts'
import type { Availability } from './tables.ts'

// The one query behind the rules: what they look at in agents, for one queue.

/** Whether a user of the staff works in a queue: by a team; in one without teams every agent does, but no admin. */
const worksIn = (queue_id: unknown, user: string, role: string) => sql<boolean>`(
  (${sql.ref(role)} = 'agent' and not exists (select 1 from queue_teams where queue_id = ${queue_id}))
  or exists (select 1 from queue_teams inner join team_members on team_members.team_id = queue_teams.team_id
    where queue_teams.queue_id = ${queue_id} and team_members.user_id = ${sql.ref(user)}))`

const factsOf = prepare((db, slots: { queue_id: string; user_id: string }, shape: string) => {
  const isIn = worksIn(slots.queue_id, 'users.id', 'users.role')
  const staff = db
    .selectFrom('users')
    .leftJoin('agents', 'agents.user_id', 'users.id')
    .leftJoin('queue_agents', (join) =>
      join.onRef('queue_agents.user_id', '=', 'users.id').on('queue_agents.queue_id', '=', slots.queue_id),
    )
    .select([
      'users.id',
      'users.name',
      'users.active',
      'agents.availability',
      'agents.capacity',
      'queue_agents.last_assigned_seq',
    ])
    .select(sql<number>`case when ${isIn} then 1 else 0 end`.as('works_in_queue'))
    .select(
      sql<number>`(select count(*) from tickets where assignee_id = users.id and status_category in ('new', 'open') and deleted_at is null)`.as(
        'open_tickets',
      ),
    )
    .where('users.role', 'in', ['agent', 'admin'])
  if (shape === 'everybody') return staff
  if (shape === 'one') return staff.where('users.id', '=', slots.user_id)
  return staff.where('users.active', '=', 1).where(isIn)
})

/** The staff as the rules see them: all of them, those who work in the queue, or one. Of skills only those asked for are read. */
export async function readAgents(
  db: Reader,
  { queue_id, skills, who }: { queue_id: string; skills: readonly string[]; who: 'everybody' | 'working' | { user_id: string } },
): Promise<AgentFacts[]> {
  const shape = typeof who === 'string' ? who : 'one'
  const rows = await factsOf(db, { queue_id, user_id: typeof who === 'string' ? '' : who.user_id }, shape)
  const held = await holders(db, skills)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    is_active: row.active === 1,
    works_in_queue: row.works_in_queue === 1,
    availability: (row.availability ?? 'online') as Availability, // a left join's column is wider than the table's
    capacity: row.capacity,
    open_tickets: Number(row.open_tickets),
    last_assigned_seq: row.last_assigned_seq ?? 0,
    skills: held.get(row.id) ?? new Set(),
  }))
}

async function holders(db: Reader, skills: readonly string[]): Promise<Map<string, Set<string>>> {
  const held = new Map<string, Set<string>>()
  if (skills.length === 0) return held
  for (const { user_id, skill } of await db
    .selectFrom('agent_skills')
    .selectAll()
    .where('skill', 'in', [...skills])
    .execute())
    held.set(user_id, (held.get(user_id) ?? new Set()).add(skill))
  return held
}

/** The queues that each of these users works in, in the order of their ids, archived ones too. */
export async function queuesOf(db: Reader, user_ids: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(user_ids.map((id) => [id, []]))
  if (user_ids.length === 0) return found
  const rows = await db
    .selectFrom('users')
    .innerJoin('queues', (join) => join.on(worksIn(sql.ref('queues.id'), 'users.id', 'users.role')))
    .select(['users.id as user_id', 'queues.id as queue_id'])
    .where('users.id', 'in', user_ids)
    .orderBy('queues.id')
    .execute()
  for (const { user_id, queue_id } of rows) found.get(user_id)?.push(queue_id)
  return found
}
