import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

const status = (key: string, category = key) => ({ key, label: key, requester_label: key, category })
const step = (from: string, to: string) => ({ from, to, by: ['agent'] })

const plain = {
  name: 'Plain',
  statuses: [status('new'), status('open'), status('solved'), status('closed')],
  transitions: [step('new', 'open'), step('open', 'solved'), step('solved', 'closed')],
}

test('a ticket in a status that another node made a moment ago is read, listed and changed here', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const there = (await desk.node(desk.clock)).bearer(admin.token)
  const lifecycle = (await admin.post('/v1/lifecycles', plain)).body
  const queue = (await admin.post('/v1/queues', { key: 'plain', name: 'Plain', lifecycle_id: lifecycle.id })).body
  const { id } = (await admin.post('/v1/tickets', { subject: 'S', body: 'B', queue_id: queue.id })).body
  const path = `/v1/tickets/${id}`

  for (const [key, look] of [
    ['one', () => there.get(path)],
    ['two', () => there.get('/v1/tickets')],
    ['three', () => there.patch(path, { status: 'solved' })],
  ] as const) {
    assert.equal((await there.get('/v1/tickets')).status, 200)
    const { statuses, transitions } = (await admin.get(`/v1/lifecycles/${lifecycle.id}`)).body
    const from = (await admin.get(path)).body.status
    const more = {
      statuses: [...statuses, status(key, 'open')],
      transitions: [...transitions, step(from, key), step(key, 'solved')],
    }
    await admin.patch(`/v1/lifecycles/${lifecycle.id}`, more)
    assert.equal((await admin.patch(path, { status: key })).status, 200)

    const { status: answered, text } = await look()

    assert.equal(answered, 200, text)
  }
})
