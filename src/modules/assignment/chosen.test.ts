import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openDesk } from '../../../test/desk.ts'
import { insertRow } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { setTimer } from '../../platform/timers.ts'

const agents = fc.array(
  fc.record({
    in_team: fc.boolean(),
    is_active: fc.boolean(),
    availability: fc.constantFrom('online' as const, 'online' as const, 'away' as const, 'offline' as const),
    capacity: fc.option(fc.integer({ min: 0, max: 2 })),
    skills: fc.uniqueArray(fc.constantFrom('tax', 'law')),
    seq: fc.integer({ min: 0, max: 4 }),
    load: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 1, maxLength: 6 },
)
const world = fc.record({
  agents,
  has_team: fc.boolean(),
  mode: fc.constantFrom('round_robin' as const, 'load_balanced' as const),
  takes_away: fc.boolean(),
  asked: fc.uniqueArray(fc.constantFrom('tax', 'law'), { maxLength: 2 }),
})

test('who is next by the explanation is who is then given the ticket', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const people = await Promise.all(Array.from({ length: 6 }, () => desk.person({ role: 'agent' })))
  const team = (await root.post('/v1/teams', { name: 'First line' })).body.id as string
  const { body: queue } = await root.post('/v1/queues', { key: 'first', name: 'First' })
  const ticket = (await root.post('/v1/tickets', { subject: 'Help', body: 'Help', queue_id: queue.id })).body.id as string
  const spare = (await root.post('/v1/tickets', { subject: 'Load', body: 'Load' })).body.id as string
  await desk.settle()
  let given = 0
  let waited = 0

  await fc.assert(
    fc.asyncProperty(world, async (facts) => {
      await desk.database.write(async (db) => {
        await empty(db, { ticket, spare, queue_id: queue.id })
        const { mode: assignment_mode, takes_away, has_team } = facts
        const policy = { assignment_mode, fallback: takes_away ? ('away' as const) : ('none' as const) }
        await db.updateTable('queues').set(policy).where('id', '=', queue.id).execute()
        if (has_team) await insertRow(db, 'queue_teams', { queue_id: queue.id, team_id: team })
        await db.updateTable('users').set({ active: 0 }).where('role', '=', 'agent').execute()
        for (const [i, agent] of facts.agents.entries()) {
          const user_id = people[i]?.id ?? ''
          await db
            .updateTable('users')
            .set({ active: agent.is_active ? 1 : 0 })
            .where('id', '=', user_id)
            .execute()
          if (agent.in_team) await insertRow(db, 'team_members', { team_id: team, user_id, created_at: 0 })
          const { availability, capacity } = agent
          const unsaid = { availability_changed_at: null, updated_at: 0, version: 2 }
          await insertRow(db, 'agents', { user_id, availability, capacity, ...unsaid })
          for (const skill of agent.skills) await insertRow(db, 'agent_skills', { user_id, skill })
          await insertRow(db, 'queue_agents', { queue_id: queue.id, user_id, last_assigned_seq: agent.seq })
          await load(db, { spare, user_id, count: agent.load, i })
        }
      })

      const { body: told } = await root.put(`/v1/tickets/${ticket}/skills`, { skills: facts.asked, relax_after_seconds: null })
      await desk.app.transact((tx) => setTimer(tx, { kind: 'assignment.push', subject_id: ticket, due_at: tx.now }))
      await desk.settle()

      const { assignee_id } = (await root.get(`/v1/tickets/${ticket}`)).body
      assert.equal(told.waiting, true)
      assert.equal(assignee_id, told.next_agent_id)
      if (assignee_id === null) waited++
      else given++
      if (assignee_id !== null) {
        assert.equal(told.candidates[0].agent_id, assignee_id)
        assert.deepEqual(told.candidates[0].reasons, [])
      }
    }),
    { numRuns: 60 },
  )
  assert.ok(given > 5 && waited > 5, `given ${given}, waited ${waited}`)
})

async function empty(
  db: Reader,
  { ticket, spare, queue_id }: { ticket: string; spare: string; queue_id: string },
): Promise<void> {
  for (const table of ['agents', 'agent_skills', 'queue_agents', 'queue_assignments', 'team_members', 'ticket_skills'] as const)
    await db.deleteFrom(table).execute()
  // So that asking for none is a change, too, which calls for an agent.
  await insertRow(db, 'ticket_skills', { ticket_id: ticket, skill: 'earlier', relax_at: null })
  await db.deleteFrom('queue_teams').where('queue_id', '=', queue_id).execute()
  await db.deleteFrom('tickets').where('id', 'not in', [ticket, spare]).execute()
  await db.updateTable('tickets').set({ assignee_id: null, waiting_rank: 2 }).where('id', '=', ticket).execute()
}

async function load(
  db: Reader,
  { spare, user_id, count, i }: { spare: string; user_id: string; count: number; i: number },
): Promise<void> {
  const row = await db.selectFrom('tickets').selectAll().where('id', '=', spare).executeTakeFirstOrThrow()
  for (let n = 0; n < count; n++)
    await insertRow(db, 'tickets', {
      ...row,
      id: `tkt_${i}_${n}`,
      number: 700_000 + i * 10 + n,
      assignee_id: user_id,
      waiting_rank: null,
    })
}
