import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import { CHANGE_LIFECYCLE } from '../desk/index.ts'
import { defaultDefinition } from '../workflow/index.ts'
import { ticketJobs } from './jobs.ts'
import { CLOSE } from './timers.ts'

test('a ticket that is reopened while its queue gets another lifecycle goes there, too', async (t) => {
  const desk = await openDesk(t)
  const [root, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const { statuses, transitions } = defaultDefinition
  const { body: lifecycle } = await root.post('/v1/lifecycles', { name: 'Another', statuses, transitions })
  const { body: queue } = await root.post('/v1/queues', { key: 'moving', name: 'Moving', public: true })
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'A printer', body: 'Help', queue_id: queue.id })
  await root.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' })
  await desk.settle()
  const walk = stepsOf(desk, CHANGE_LIFECYCLE, { queue_id: queue.id, lifecycle_id: lifecycle.id })
  await desk.database.write((db) =>
    db.updateTable('queues').set({ lifecycle_id: lifecycle.id }).where('id', '=', queue.id).execute(),
  )

  // New, open, pending: these are gone through, and the ticket is solved yet.
  for (let i = 0; i < 3; i++) assert.equal((await walk()).done, false)
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'It burns again.' })
  while (!(await walk()).done);

  const [row] = await desk.query('select status, lifecycle_id from tickets where id = ?', [ticket.id])
  assert.deepEqual(row, { status: 'open', lifecycle_id: lifecycle.id })
})

test('when solved tickets close is looked at a second time, for those that were solved by the settings before', async (t) => {
  const desk = await openDesk(t)
  const [root, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'A printer', body: 'Help' })
  await root.patch('/v1/settings', { close_solved_after_days: 0 })
  await desk.settle()

  await root.patch('/v1/settings', { close_solved_after_days: 3 })
  await desk.settle()
  await root.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' })
  // As if it had been solved by who had read the settings a moment before they changed.
  await desk.database.write((db) => db.deleteFrom('timers').where('kind', '=', CLOSE).execute())
  desk.clock.advance(15_000)
  await desk.settle()

  const timers = await desk.query('select due_at from timers where kind = ? and subject_id = ?', [CLOSE, ticket.id])
  assert.equal(timers.length, 1)
  assert.equal((await root.get('/v1/jobs?state=running')).body.data.length, 0)
})

/** The steps of a job one by one, each in a transaction of its own. */
function stepsOf(desk: Awaited<ReturnType<typeof openDesk>>, name: string, params: object) {
  const kind = ticketJobs.find((one) => one.name === name)
  assert.ok(kind)
  let cursor: unknown = null
  return () =>
    desk.app.transact(async (tx) => {
      const step = await kind.step(tx, { id: 'job_x', params, cursor, actor: systemActor } as Parameters<typeof kind.step>[1])
      cursor = step.cursor
      return step
    })
}
