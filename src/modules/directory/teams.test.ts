import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import { deleteTeam } from './commands/delete-team.ts'
import { updateUser } from './index.ts'

test('agents join a team once and leave it once', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [ann, bob] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const made = await admin.post('/v1/teams', { name: 'Billing' })
  const path = made.headers.location ?? ''

  const joined = [
    await admin.put(`${path}/members/${ann.id}`),
    await admin.put(`${path}/members/${bob.id}`),
    await admin.put(`${path}/members/${ann.id}`),
  ]
  const full = await ann.get(path)
  const left = [await admin.delete(`${path}/members/${ann.id}`), await admin.delete(`${path}/members/${ann.id}`)]

  assert.deepEqual([made.status, made.body.member_ids, made.headers.etag], [201, [], '"v1"'])
  assert.deepEqual(
    [...joined, ...left].map(({ status }) => status),
    [204, 204, 204, 204, 204],
  )
  assert.deepEqual([full.body.member_ids, full.headers.etag], [[ann.id, bob.id].sort(), '"v3"'])
  assert.deepEqual((await bob.get(path)).body.member_ids, [bob.id])
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, data }) => [type, data.user_id]),
    [
      ['team.created', undefined],
      ['team.member_added', ann.id],
      ['team.member_added', bob.id],
      ['team.member_removed', ann.id],
    ],
  )
})

test('only agents and admins can be members, and only of a team that there is', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const requester = await desk.person()
  const path = (await admin.post('/v1/teams', { name: 'Billing' })).headers.location ?? ''

  const refused = await admin.put(`${path}/members/${requester.id}`)

  assert.deepEqual([refused.status, refused.body.code], [409, 'not_an_agent'])
  assert.equal((await admin.put(`${path}/members/usr_nobody`)).status, 404)
  assert.equal((await admin.put(`/v1/teams/team_none/members/${admin.id}`)).status, 404)
  assert.equal((await admin.put(`${path}/members/${admin.id}`)).status, 204)
  await desk.announced(['team.created', 'team.member_added'])
})

test('who is no agent any more leaves all his teams', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const teams = [await admin.post('/v1/teams', { name: 'One' }), await admin.post('/v1/teams', { name: 'Two' })]
  for (const { body } of teams) await admin.put(`/v1/teams/${body.id}/members/${agent.id}`)
  const ofAgent = await admin.get(`/v1/teams?member_id=${agent.id}&include=total`)
  await desk.announcements()

  const changes = { role: 'requester' } as const
  await desk.app.transact((tx) => updateUser(tx, systemActor, { user_id: agent.id, changes, if_match: undefined }))

  assert.equal(ofAgent.body.total, 2)
  assert.deepEqual(
    (await admin.get('/v1/teams')).body.data.flatMap(({ member_ids }: { member_ids: string[] }) => member_ids),
    [],
  )
  await desk.announced(['user.updated', 'team.member_removed', 'team.member_removed'])
})

test('joining a team and ceasing to be an agent at the same moment leave no requester in a team', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (let round = 0; round < 5; round++) {
    const agent = await desk.person({ role: 'agent' })
    const path = (await admin.post('/v1/teams', { name: 'Billing' })).headers.location ?? ''
    const changes = { role: 'requester' } as const

    const [joined] = await Promise.all([
      admin.put(`${path}/members/${agent.id}`),
      desk.app.transact((tx) => updateUser(tx, systemActor, { user_id: agent.id, changes, if_match: undefined })),
    ])

    assert.ok([204, 409].includes(joined.status), String(joined.status))
    assert.deepEqual((await admin.get(path)).body.member_ids, [])
  }
})

test('a team is renamed, and deleted unless a queue has it', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const { id } = (await admin.post('/v1/teams', { name: 'Billing' })).body
  await admin.put(`/v1/teams/${id}/members/${agent.id}`)
  const remove = (isUsed: boolean) =>
    desk.app.transact((tx) => deleteTeam(tx, systemActor, { team_id: id, if_match: undefined, isInUse: async () => isUsed }))

  const renamed = await admin.patch(`/v1/teams/${id}`, { name: 'Money' })
  const same = await admin.patch(`/v1/teams/${id}`, { name: 'Money' })
  const stale = await admin.patch(`/v1/teams/${id}`, { name: 'Late' }, { 'if-match': '"v1"' })
  const byAgent = await agent.delete(`/v1/teams/${id}`)
  await assert.rejects(remove(true), { code: 'team_in_use' })
  await remove(false)

  assert.deepEqual([renamed.body.name, renamed.body.member_ids, same.headers.etag], ['Money', [agent.id], '"v3"'])
  assert.deepEqual([stale.status, byAgent.status], [412, 403])
  assert.deepEqual([(await admin.get(`/v1/teams/${id}`)).status, await desk.query('select * from team_members')], [404, []])
  await desk.announced(['team.created', 'team.member_added', 'team.updated', 'team.deleted'])
})
