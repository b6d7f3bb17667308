import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

test('no due time is so late that the ticket stands behind those that are never due', async (t) => {
  const desk = await openDesk(t)
  const agent = await desk.person({ role: 'agent' })
  const never = (await agent.post('/v1/tickets', { subject: 'Never', body: 'B' })).body
  const late = '9999-12-31T23:59:59.999Z'

  const raised = await agent.post('/v1/tickets', { subject: 'S', body: 'B', due_at: late })
  const changed = await agent.patch(`/v1/tickets/${never.id}`, { due_at: late })

  for (const { status, body } of [raised, changed])
    assert.deepEqual([status, body.errors[0].pointer, body.errors[0].code], [422, '/due_at', 'too_late'])
  const last = (await agent.post('/v1/tickets', { subject: 'S', body: 'B', due_at: '2199-12-31T23:59:59.999Z' })).body
  assert.equal((await agent.post(`/v1/queues/${last.queue_id}/claim`)).body.id, last.id)
})
