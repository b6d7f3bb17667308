import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import { deleteQueue } from './commands/delete-queue.ts'
import { agentQueueIds, getSettings, isTeamInUse, isUsableQueue } from './index.ts'

test('an admin makes a queue, changes it, and gives it teams', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [one, two] = [
    (await admin.post('/v1/teams', { name: '1' })).body.id,
    (await admin.post('/v1/teams', { name: '2' })).body.id,
  ]
  await desk.announcements()

  const made = await admin.post('/v1/queues', { key: 'billing', name: 'Billing', team_ids: [two, one] })
  const path = made.headers.location ?? ''
  const changed = await admin.patch(path, { team_ids: [two], public: true, external_id: 'B' }, { 'if-match': '"v1"' })
  const same = await admin.patch(path, { team_ids: [two], public: true })
  const stale = await admin.patch(path, { name: 'Late' }, { 'if-match': '"v1"' })
  const missing = await admin.patch(path, { team_ids: [two, 'team_none'] })

  assert.deepEqual([made.status, path, made.headers.etag], [201, `/v1/queues/${made.body.id}`, '"v1"'])
  assert.deepEqual([made.body.team_ids, made.body.public], [[one, two].sort(), false])
  assert.deepEqual([changed.body.team_ids, changed.body.public, changed.headers.etag], [[two], true, '"v2"'])
  assert.deepEqual([same.headers.etag, stale.status], ['"v2"', 412])
  assert.deepEqual([missing.status, missing.body.errors[0].pointer], [422, '/team_ids/1'])
  assert.deepEqual((await admin.get(path)).body, changed.body)
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, data }) => [type, data]),
    [
      ['queue.created', { public: false, team_ids: [one, two].sort() }],
      ['queue.updated', { changed: ['team_ids', 'public', 'external_id'], public: true, team_ids: [two] }],
    ],
  )
})

test('keys and external ids belong to one queue', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  await admin.post('/v1/queues', { key: 'one', name: 'One', external_id: 'X' })
  const two = await admin.post('/v1/queues', { key: 'two', name: 'Two' })
  const path = two.headers.location ?? ''

  const answers = [
    await admin.post('/v1/queues', { key: 'one', name: 'Again' }),
    await admin.patch(path, { key: 'one' }),
    await admin.post('/v1/queues', { key: 'three', name: 'Three', external_id: 'X' }),
    await admin.patch(path, { external_id: 'X' }),
    await admin.post('/v1/queues', { key: 'Big Key', name: 'Big' }),
  ]

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.code, body.errors[0].pointer]),
    [
      [409, 'queue_key_taken', '/key'],
      [409, 'queue_key_taken', '/key'],
      [409, 'external_id_taken', '/external_id'],
      [409, 'external_id_taken', '/external_id'],
      [422, 'validation_failed', '/key'],
    ],
  )
  await desk.announced(['queue.created', 'queue.created'])
})

test('an agent works in the queues of his teams and in those without teams, archived or not', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [ann, bob] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const team = (await admin.post('/v1/teams', { name: 'Billing' })).body.id
  const { default_queue_id: general } = await getSettings(desk.database.reader)
  const closed = (await admin.post('/v1/queues', { key: 'billing', name: 'Billing', team_ids: [team] })).body.id
  const open = (await admin.post('/v1/queues', { key: 'open', name: 'Open' })).body.id
  await admin.put(`/v1/teams/${team}/members/${ann.id}`)
  await admin.patch(`/v1/queues/${closed}`, { archived: true })

  assert.deepEqual(await agentQueueIds(desk.database.reader, ann.id), [general, closed, open].sort())
  assert.deepEqual(await agentQueueIds(desk.database.reader, bob.id), [general, open].sort())
  assert.equal(await isTeamInUse(desk.database.reader, team), true)

  await admin.delete(`/v1/teams/${team}/members/${ann.id}`)
  assert.deepEqual(await agentQueueIds(desk.database.reader, ann.id), [general, open].sort())
})

test('a team whose only queue it has cannot be deleted: nobody suddenly sees more', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const team = (await admin.post('/v1/teams', { name: 'Board' })).body.id
  const queue = (await admin.post('/v1/queues', { key: 'board', name: 'Board', team_ids: [team] })).body.id
  await desk.announcements()

  const refused = await admin.delete(`/v1/teams/${team}`)

  assert.deepEqual([refused.status, refused.body.code], [409, 'team_in_use'])
  assert.ok(!(await agentQueueIds(desk.database.reader, agent.id)).includes(queue))
  await desk.announced([])
})

test('a team that a queue is given at the same moment is not deleted', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (let round = 0; round < 5; round++) {
    const team = (await admin.post('/v1/teams', { name: 'Board' })).body.id

    const [deleted, made] = await Promise.all([
      admin.delete(`/v1/teams/${team}`),
      admin.post('/v1/queues', { key: `q${round}`, name: 'Q', team_ids: [team] }),
    ])

    assert.deepEqual([deleted.status, made.status], deleted.status === 204 ? [204, 422] : [409, 201])
  }
})

test('a queue with tickets is archived and comes back; one without is deleted', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const used = (await admin.post('/v1/queues', { key: 'used', name: 'Used' })).body.id
  const unused = (await admin.post('/v1/queues', { key: 'unused', name: 'Unused' })).body.id
  const remove = (queue_id: string) =>
    desk.app.transact((tx) =>
      deleteQueue(tx, systemActor, { queue_id, if_match: undefined, isInUse: async () => true, hasMailbox: async () => false }),
    )
  await desk.announcements()

  await remove(used)
  await remove(used)
  await admin.delete(`/v1/queues/${unused}`)
  const archived = await admin.get(`/v1/queues/${used}`)
  const back = await admin.patch(`/v1/queues/${used}`, { archived: false })

  assert.notEqual(archived.body.archived_at, null)
  assert.equal(isUsableQueue({ archived_at: 1 }), false)
  assert.deepEqual([back.body.archived_at, back.headers.etag], [null, '"v3"'])
  assert.equal((await admin.get(`/v1/queues/${unused}`)).status, 404)
  await desk.announced(['queue.archived', 'queue.deleted', 'queue.updated'])
})

test('the default queue stays', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { default_queue_id } = await getSettings(desk.database.reader)
  const path = `/v1/queues/${default_queue_id}`

  const refused = [await admin.delete(path), await admin.patch(path, { archived: true })]

  for (const { status, body } of refused) assert.deepEqual([status, body.code], [409, 'default_queue'])
  assert.equal((await admin.get(path)).body.archived_at, null)
  await desk.announced([])
})

test('a queue is never made the default while it is archived at the same moment', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (let round = 0; round < 5; round++) {
    const { id } = (await admin.post('/v1/queues', { key: `q${round}`, name: 'Q' })).body

    const [made, archived] = await Promise.all([
      admin.patch('/v1/settings', { default_queue_id: id }),
      admin.patch(`/v1/queues/${id}`, { archived: true }),
    ])

    assert.deepEqual([made.status, archived.status].sort(), made.status === 200 ? [200, 409] : [200, 422])
    const chosen = (await admin.get('/v1/settings')).body.default_queue_id
    assert.equal((await admin.get(`/v1/queues/${chosen}`)).body.archived_at, null)
  }
})

test('requesters see the public queues in use, and nothing that staff do with them', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const agent = await desk.person({ role: 'agent' })
  const requester = await desk.person()
  const { default_queue_id: general } = await getSettings(desk.database.reader)
  const secret = (await admin.post('/v1/queues', { key: 'secret', name: 'Secret' })).body.id
  const past = (await admin.post('/v1/queues', { key: 'past', name: 'Past', public: true })).body.id
  await admin.patch(`/v1/queues/${past}`, { archived: true })

  const list = await requester.get('/v1/queues?include=total')
  const before = await requester.get(`/v1/queues/${general}`)
  desk.clock.advance(1000)
  await admin.patch(`/v1/queues/${general}`, { external_id: 'canary', metadata: { note: 'canary' } })
  const after = await requester.get(`/v1/queues/${general}`)

  assert.deepEqual([list.body.total, list.body.data.map(Object.keys)], [1, [['id', 'object', 'key', 'name', 'created_at']]])
  assert.deepEqual([after.text, after.headers.etag], [before.text, before.headers.etag])
  for (const id of [secret, past]) assert.equal((await requester.get(`/v1/queues/${id}`)).status, 404)
  for (const filter of ['public=false', 'archived=true', 'key=secret'])
    assert.deepEqual((await requester.get(`/v1/queues?${filter}`)).body.data, [])
  assert.equal((await requester.patch(`/v1/queues/${general}`, { name: 'Mine' })).status, 403)
  assert.equal((await agent.get('/v1/queues?include=total')).body.total, 3)
  assert.equal((await agent.get('/v1/queues?archived=false&include=total')).body.total, 2)
  assert.equal((await agent.patch(`/v1/queues/${general}`, { name: 'Mine' })).status, 403)
})
