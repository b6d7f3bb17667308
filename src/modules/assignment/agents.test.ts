import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk } from '../../../test/desk.ts'

test('an agent says whether he is there; the rest of him is for admins', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const tom = await desk.person({ role: 'agent', name: 'Tom' })
  const tim = await desk.person({ role: 'agent', name: 'Tim' })
  const ada = await desk.person()
  const queue_id = (await root.get('/v1/queues')).body.data[0].id
  const path = `/v1/agents/${tom.id}`

  const before = await tim.get(path)
  assert.equal(before.headers.etag, '"v1"')
  assert.deepEqual(before.body, {
    id: tom.id,
    object: 'agent',
    name: 'Tom',
    active: true,
    availability: 'online',
    availability_changed_at: null,
    capacity: null,
    skills: [],
    open_tickets: 0,
    queue_ids: [queue_id],
    created_at: '2026-11-22T09:00:00.000Z',
    updated_at: '2026-11-22T09:00:00.000Z',
    version: 1,
  })
  await desk.announcements()

  desk.clock.advance(1000)
  const away = await tom.patch(path, { availability: 'away' }, { 'if-match': '"v1"' })
  assert.deepEqual([away.status, away.body.availability, away.body.version], [200, 'away', 2])
  assert.equal(away.body.availability_changed_at, '2026-11-22T09:00:01.000Z')
  assert.equal((await tom.patch(path, { availability: 'away' })).body.version, 2)
  await desk.announced(['agent.updated'])

  for (const [who, changes] of [
    [tom, { capacity: 3 }],
    [tom, { availability: 'online', skills: ['tax'] }],
    [tim, { availability: 'online' }],
    [ada, { availability: 'online' }],
  ] as const)
    assert.equal((await who.patch(path, changes)).status, 403)
  assert.equal((await root.patch(`/v1/agents/${ada.id}`, { capacity: 3 })).status, 404)
  assert.equal((await root.patch(path, { capacity: 3 }, { 'if-match': '"v1"' })).status, 412)

  const changed = await root.patch(path, { capacity: 3, skills: ['Tax', 'law', 'tax'] })
  assert.deepEqual([changed.body.capacity, changed.body.skills, changed.body.version], [3, ['law', 'tax'], 3])
  assert.equal((await root.patch(path, { capacity: null })).body.capacity, null)
  await desk.announced(['agent.updated', 'agent.updated'])

  const listed = async (query: string) => (await tim.get(`/v1/agents?${query}`)).body.data.map((agent: Json) => agent.name)
  assert.deepEqual(await listed('availability=away'), ['Tom'])
  assert.equal((await listed('availability=online')).length, 2)
  assert.equal((await listed('limit=100')).length, 3)
  const log = await root.get('/v1/events?type=agent.*&include=object')
  assert.equal(log.body.data.at(-1).object.object, 'agent')
  assert.equal((await tom.get('/v1/events?type=agent.*')).body.data.length, 0)
})

test('an admin is given tickets only in the queues of his teams', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  assert.deepEqual((await root.get(`/v1/agents/${root.id}`)).body.queue_ids, [])
  const team = (await root.post('/v1/teams', { name: 'Bosses' })).body.id
  await root.put(`/v1/teams/${team}/members/${root.id}`)
  const queue = (await root.post('/v1/queues', { key: 'q', name: 'Q', team_ids: [team] })).body.id

  assert.deepEqual((await root.get(`/v1/agents/${root.id}`)).body.queue_ids, [queue])
})

test('requesters learn nothing of how a queue assigns', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()

  const [queue] = (await ada.get('/v1/queues')).body.data

  assert.deepEqual(Object.keys(queue).sort(), ['created_at', 'id', 'key', 'name', 'object'])
})
