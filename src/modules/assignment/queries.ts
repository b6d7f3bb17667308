import type { Static } from 'typebox'
import { toTime, toTimeOrNull } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import type { UserRow } from '../directory/index.ts'
import { queuesOf } from './candidates.ts'
import type { Agent, AgentQuery } from './schema.ts'
import type { AgentRow } from './tables.ts'

/** An agent of whom nothing was ever said. */
function newAgent(user: Pick<UserRow, 'id' | 'created_at'>): AgentRow {
  const unsaid = { availability: 'online' as const, availability_changed_at: null, capacity: null }
  return { user_id: user.id, ...unsaid, updated_at: user.created_at, version: 1 }
}

export async function agentRow(db: Reader, user: Pick<UserRow, 'id' | 'created_at'>): Promise<AgentRow> {
  return (await db.selectFrom('agents').selectAll().where('user_id', '=', user.id).executeTakeFirst()) ?? newAgent(user)
}

/** The skills of each of these agents, sorted. */
export async function skillsOfAgents(db: Reader, user_ids: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(user_ids.map((id) => [id, []]))
  if (user_ids.length === 0) return found
  const rows = db.selectFrom('agent_skills').selectAll().where('user_id', 'in', user_ids).orderBy('skill')
  for (const { user_id, skill } of await rows.execute()) found.get(user_id)?.push(skill)
  return found
}

/** Users of the staff as agents. */
export async function toAgents(db: Reader, users: readonly UserRow[]): Promise<Static<typeof Agent>[]> {
  const ids = users.map(({ id }) => id)
  if (ids.length === 0) return []
  const rows = await db.selectFrom('agents').selectAll().where('user_id', 'in', ids).execute()
  const agents = new Map(rows.map((row) => [row.user_id, row]))
  const [skills, queues, loads] = [await skillsOfAgents(db, ids), await queuesOf(db, ids), await loadsOf(db, ids)]
  return users.map((user) => {
    const agent = agents.get(user.id) ?? newAgent(user)
    return {
      id: user.id,
      object: 'agent',
      name: user.name,
      active: user.active === 1,
      availability: agent.availability,
      availability_changed_at: toTimeOrNull(agent.availability_changed_at),
      capacity: agent.capacity,
      skills: skills.get(user.id) ?? [],
      open_tickets: loads.get(user.id) ?? 0,
      queue_ids: queues.get(user.id) ?? [],
      created_at: toTime(user.created_at),
      updated_at: toTime(agent.updated_at),
      version: agent.version,
    }
  })
}

async function loadsOf(db: Reader, user_ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('tickets')
    .select((eb) => ['assignee_id', eb.fn.countAll<number>().as('count')])
    .where('assignee_id', 'in', user_ids)
    .where('status_category', 'in', ['new', 'open'])
    .where('deleted_at', 'is', null)
    .groupBy('assignee_id')
    .execute()
  return new Map(rows.map(({ assignee_id, count }) => [String(assignee_id), Number(count)]))
}

/** The users of the staff that the filters of a list let through. */
export function filterAgents(db: Reader, { availability }: Static<typeof AgentQuery>) {
  const rows = db.selectFrom('users').selectAll().where('role', 'in', ['agent', 'admin'])
  if (availability === undefined) return rows
  const saying = db.selectFrom('agents').select('user_id')
  if (availability === 'online') return rows.where('id', 'not in', saying.where('availability', '!=', 'online'))
  return rows.where('id', 'in', saying.where('availability', '=', availability))
}

/** A user of the staff, or 404. */
export async function getAgentUser(db: Reader, id: string): Promise<UserRow> {
  const rows = db.selectFrom('users').selectAll().where('id', '=', id).where('role', 'in', ['agent', 'admin'])
  const row = await rows.executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** Those of these agents that there are. */
export async function presentAgents(db: Reader, ids: readonly string[]): Promise<Static<typeof Agent>[]> {
  return toAgents(db, await filterAgents(db, {}).where('id', 'in', ids).execute())
}
