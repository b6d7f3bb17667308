import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { getSettings } from './index.ts'

test('an admin changes the settings, and what he changed is announced', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const queue = (await admin.post('/v1/queues', { key: 'first', name: 'First' })).body.id
  await desk.announcements()

  const before = await admin.get('/v1/settings')
  const changes = { registration: 'closed', default_queue_id: queue, message_edit_seconds: 60 }
  const changed = await admin.patch('/v1/settings', changes, { 'if-match': String(before.headers.etag) })
  const same = await admin.patch('/v1/settings', changes)
  const stale = await admin.patch('/v1/settings', { registration: 'open' }, { 'if-match': String(before.headers.etag) })

  assert.deepEqual(
    [before.body.object, before.body.registration, before.body.message_edit_seconds, before.body.close_solved_after_days],
    ['settings', 'open', 900, 7],
  )
  assert.deepEqual({ ...changed.body, ...changes }, changed.body)
  assert.deepEqual([before.headers.etag, changed.headers.etag, same.headers.etag, stale.status], ['"v1"', '"v2"', '"v2"', 412])
  assert.equal((await getSettings(desk.database.reader)).registration, 'closed')
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, data, previous }) => [type, data, previous]),
    [
      [
        'settings.updated',
        {
          changed: ['registration', 'default_queue_id', 'message_edit_seconds'],
          registration: 'closed',
          default_queue_id: queue,
        },
        { registration: 'open', default_queue_id: before.body.default_queue_id, message_edit_seconds: 900 },
      ],
    ],
  )
})

test('settings that cannot be are refused, whole', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const archived = (await admin.post('/v1/queues', { key: 'past', name: 'Past' })).body.id
  await admin.patch(`/v1/queues/${archived}`, { archived: true })
  await desk.announcements()

  const refusals = [
    await admin.patch('/v1/settings', { default_queue_id: archived, registration: 'closed' }),
    await admin.patch('/v1/settings', { default_queue_id: 'que_none' }),
    await admin.patch('/v1/settings', { registration: null }),
    await admin.patch('/v1/settings', { message_edit_seconds: -1 }),
    await admin.patch('/v1/settings', { close_solved_after_days: 366 }),
    await admin.patch('/v1/settings', { registraton: 'open' }),
  ]

  assert.deepEqual(
    refusals.map(({ status, body }) => [status, body.errors[0].pointer]),
    [
      [422, '/default_queue_id'],
      [422, '/default_queue_id'],
      [422, '/registration'],
      [422, '/message_edit_seconds'],
      [422, '/close_solved_after_days'],
      [422, '/registraton'],
    ],
  )
  assert.equal((await admin.get('/v1/settings')).body.registration, 'open')
  await desk.announced([])
})

test('the settings are for admins', async (t) => {
  const desk = await openDesk(t)
  for (const role of ['agent', 'requester'] as const) {
    const person = await desk.person({ role })
    assert.equal((await person.get('/v1/settings')).status, 403)
    assert.equal((await person.patch('/v1/settings', { registration: 'closed' })).status, 403)
  }
  await desk.announced([])
})
