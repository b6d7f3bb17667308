import type { Static } from 'typebox'
import type { Actor } from '../../../platform/actor.ts'
import { forUpdate, insertIfAbsent } from '../../../platform/database/dialect.ts'
import { insertRows } from '../../../platform/database/prepared.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../../directory/index.ts'
import { foldSkill } from '../eligibility.ts'
import { agentUpdated } from '../events.ts'
import { canChangeAgent } from '../policy.ts'
import { agentRow, skillsOfAgents } from '../queries.ts'
import type { AgentPatch } from '../schema.ts'
import type { AgentRow } from '../tables.ts'

/** Says whether an agent is there, how much he takes, and what he can. Nothing is written where nothing differs. */
export async function updateAgent(
  tx: Tx,
  actor: Actor,
  what: { user_id: string; changes: Static<typeof AgentPatch>; if_match: readonly string[] | undefined },
): Promise<UserRow> {
  const { user_id, changes, if_match } = what
  // The lock under which Beckon gives him tickets, too: who goes away is given none at the same moment.
  const user = await forUpdate(tx.db, tx.db.selectFrom('users').selectAll().where('id', '=', user_id)).executeTakeFirst()
  if (!user || user.role === 'requester') throw NotFound()
  if (!canChangeAgent(actor, { user_id, keys: Object.keys(changes) }))
    throw Forbidden({ detail: 'An agent sets his own availability; all else of agents is set by admins.' })
  const row = await agentRow(tx.db, user)
  requireMatch(if_match, `v${row.version}`, row.version)

  const { availability = row.availability, capacity = row.capacity } = changes
  const before = (await skillsOfAgents(tx.db, [user_id])).get(user_id) ?? []
  const skills = changes.skills === undefined ? before : [...new Set(changes.skills.map(foldSkill))].sort()
  const changed = [
    ...(availability === row.availability ? [] : ['availability']),
    ...(capacity === row.capacity ? [] : ['capacity']),
    ...(skills.join() === [...before].sort().join() ? [] : ['skills']),
  ]
  if (changed.length === 0) return user

  const availability_changed_at = availability === row.availability ? row.availability_changed_at : tx.now
  const next = { ...row, availability, availability_changed_at, capacity, updated_at: tx.now, version: row.version + 1 }
  await writeAgent(tx, next)
  if (changed.includes('skills')) await setSkills(tx, { user_id, skills })
  tx.announce(agentUpdated, {
    actor,
    subject: { type: 'agent', id: user_id, version: next.version },
    visibility: 'internal',
    data: { changed, availability, capacity },
    previous: { availability: row.availability, capacity: row.capacity },
  })
  return user
}

async function writeAgent(tx: Tx, { user_id, ...columns }: AgentRow): Promise<void> {
  if (await insertIfAbsent(tx.db, 'agents', { user_id, ...columns })) return
  await tx.db.updateTable('agents').set(columns).where('user_id', '=', user_id).execute()
}

async function setSkills(tx: Tx, { user_id, skills }: { user_id: string; skills: readonly string[] }): Promise<void> {
  await tx.db.deleteFrom('agent_skills').where('user_id', '=', user_id).execute()
  await insertRows(
    tx.db,
    'agent_skills',
    skills.map((skill) => ({ user_id, skill })),
  )
}
