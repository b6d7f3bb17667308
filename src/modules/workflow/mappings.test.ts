import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk } from '../../../test/desk.ts'

const status = (key: string, category = key) => ({ key, label: key, requester_label: key, category })
const step = (from: string, to: string) => ({ from, to, by: ['agent'] })

const plain = {
  name: 'Plain',
  statuses: [status('new'), status('open'), status('solved'), status('closed'), status('filed', 'closed')],
  transitions: [step('new', 'open'), step('open', 'solved'), step('solved', 'closed')],
}

test('a mapping that would close tickets, or open closed ones, is refused', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { id } = (await admin.post('/v1/lifecycles', plain)).body
  const mapping = (from_status: string, to_status: string) => ({ from_lifecycle_id: id, from_status, to_status })
  const mappings = [
    mapping('closed', 'open'),
    mapping('open', 'closed'),
    mapping('open', 'new'),
    mapping('open', 'solved'),
    mapping('closed', 'filed'),
    mapping('not_yet', 'closed'),
  ]
  await desk.announcements()

  const refused = await admin.post('/v1/lifecycles', { ...plain, mappings })

  assert.deepEqual(
    [refused.status, ...refused.body.errors.map(({ pointer, code }: Json) => `${pointer} ${code}`)],
    [422, '/mappings/0/to_status wrong_category', '/mappings/1/to_status wrong_category', '/mappings/2/to_status wrong_category'],
  )
  await desk.announced([])
  assert.equal((await admin.post('/v1/lifecycles', { ...plain, mappings: mappings.slice(3) })).status, 201)
})

test('a closed ticket stays closed when its queue gets a lifecycle whose mapping came to mean something else', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const one = (
    await admin.post('/v1/lifecycles', {
      ...plain,
      statuses: [...plain.statuses, status('over', 'solved')],
      transitions: [...plain.transitions, step('over', 'closed')],
    })
  ).body
  const mappings = [{ from_lifecycle_id: one.id, from_status: 'over', to_status: 'open' }]
  const two = (await admin.post('/v1/lifecycles', { ...plain, mappings })).body
  // No queue has it yet, so its statuses may still come to mean something else.
  await admin.patch(`/v1/lifecycles/${one.id}`, {
    statuses: [...plain.statuses, status('over', 'closed')],
    transitions: [...plain.transitions, step('solved', 'over')],
  })
  const queue = (await admin.post('/v1/queues', { key: 'plain', name: 'Plain', lifecycle_id: one.id })).body
  const { id } = (await admin.post('/v1/tickets', { subject: 'S', body: 'B', queue_id: queue.id })).body
  for (const key of ['open', 'solved', 'over']) await admin.patch(`/v1/tickets/${id}`, { status: key })
  const { closed_at } = (await admin.get(`/v1/tickets/${id}`)).body

  await admin.patch(`/v1/queues/${queue.id}`, { lifecycle_id: two.id })
  await desk.settle()

  const { body } = await admin.get(`/v1/tickets/${id}`)
  assert.deepEqual([body.status, body.status_category, body.closed_at], ['closed', 'closed', closed_at])
})

test('a lifecycle whose mappings name one that is gone can still be changed', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { id } = (await admin.post('/v1/lifecycles', plain)).body
  const mappings = [{ from_lifecycle_id: id, from_status: 'open', to_status: 'solved' }]
  const other = (await admin.post('/v1/lifecycles', { ...plain, mappings })).body
  assert.equal((await admin.delete(`/v1/lifecycles/${id}`)).status, 204)

  const renamed = await admin.patch(`/v1/lifecycles/${other.id}`, { name: 'Renamed' })

  assert.equal(renamed.status, 200, renamed.text)
})
