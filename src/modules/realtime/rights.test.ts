import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { listen } from '../../../test/listener.ts'

/** An agent of a team that has no queue, with a view that the team shares. */
async function openTeam(t: TestContext) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const team = (await admin.post('/v1/teams', { name: 'Night shift' })).body
  await admin.put(`/v1/teams/${team.id}/members/${agent.id}`)
  const shared = (await admin.post('/v1/views', { name: 'Ours', filters: { status_category: 'new' }, team_id: team.id })).body
  await desk.settle()
  return { desk, admin, agent, team, topic: `view:${shared.id}` }
}

test('who leaves a team hears of its views no more, though he sees the same tickets as before', async (t) => {
  const { desk, admin, agent, team, topic } = await openTeam(t)
  const listener = await listen(desk, agent.token, { topics: [topic, 'me'] })

  await admin.delete(`/v1/teams/${team.id}/members/${agent.id}`)
  await admin.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await desk.settle()

  assert.deepEqual(listener.frames.slice(1), [{ type: 'unsubscribed', topics: [topic], reason: 'gone' }])
  assert.deepEqual(listener.line.topics, [{ kind: 'me' }])
})

test('an admin hears of the private view of one who has gone until he is back', async (t) => {
  const { desk, admin, agent } = await openTeam(t)
  const own = (await agent.post('/v1/views', { name: 'Mine', filters: { status_category: 'new' } })).body
  await admin.patch(`/v1/users/${agent.id}`, { active: false })
  const listener = await listen(desk, admin.token, { topics: [`view:${own.id}`] })
  await desk.settle()

  await admin.patch(`/v1/users/${agent.id}`, { active: true })
  await desk.settle()

  assert.deepEqual(listener.frames.slice(1), [{ type: 'unsubscribed', topics: [`view:${own.id}`], reason: 'gone' }])
})

test('who takes another name is told of under it, without coming anew', async (t) => {
  const { desk, agent } = await openTeam(t)
  const listener = await listen(desk, agent.token, { topics: ['all'] })

  await agent.patch('/v1/me', { name: 'Grace' })
  await desk.settle()

  assert.equal(listener.line.actor.name, 'Grace')
  assert.equal(listener.frames.length, 1)
})
