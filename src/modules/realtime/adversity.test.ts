import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { listen } from '../../../test/listener.ts'
import { openLiveDesk, refusedWith } from '../../../test/live.ts'
import { connectionOf } from '../../platform/database/connection.ts'
import { DatabaseAway } from '../../platform/problems.ts'

const HOUR_MS = 3_600_000

test('who hears nothing yet is told where the log ends, and goes on from there', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await desk.settle()
  const [{ position }] = await desk.query('select position from log_head')

  const idle = await desk.socket('?after=1', { bearer: ada.token })
  const ready = await idle.frames.until(({ type }) => type === 'ready')
  idle.say({ type: 'ping', ref: 'p' })
  const pong = await idle.frames.until(({ type }) => type === 'pong')
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Still.' })
  idle.say({ type: 'subscribe', ref: 's', topics: ['me'], after: ready.position })
  const told = await idle.frames.until(({ type }) => type === 'event')

  assert.ok(position > 1)
  assert.deepEqual([ready.position, pong.position], [position, position])
  assert.deepEqual([told.event.position, told.event.object.body], [position + 1, 'Still.'])
})

test('a log that was set back is noticed: everybody is told to read anew, and hears what happens from then on', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'What the backup does not hold.' })
  await desk.settle()
  const [live, stalled, idle] = [
    await listen(desk, ada.token, { topics: ['me'] }),
    await listen(desk, ada.token, { topics: ['me'] }),
    await listen(desk, bob.token, { topics: [] }),
  ]
  stalled.clog(100_000)
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Nor this.' })
  await desk.settle()
  const [{ position: before }] = await desk.query('select position from log_head')
  const head = before - 2

  await desk.database.write(async (db) => {
    await db.deleteFrom('deliveries').execute()
    await db.deleteFrom('events').where('position', '>', head).execute()
    await db.updateTable('log_head').set({ position: head }).where('id', '=', 1).execute()
  })
  await live.until(({ type }) => type === 'reset')
  stalled.clog(0)
  await ada.patch(`/v1/tickets/${ticket.id}`, { subject: 'Scanner' })
  await desk.settle()

  for (const { frames, types } of [live, stalled]) {
    const at = frames.findIndex(({ type }) => type === 'reset')
    assert.deepEqual(frames[at], { type: 'reset', reason: 'cursor_ahead', position: head })
    assert.deepEqual(
      frames.slice(at + 1).map(({ event }) => [event.type, event.position]),
      [['ticket.updated', head + 1]],
    )
    assert.equal(types().at(-1), 'ticket.updated')
  }
  assert.deepEqual(idle.frames.length, 1)
  assert.equal(desk.app.hub.count().position, head + 1)
  assert.match(desk.logged(), /the log ends before what was told already/)
})

test('a log that seems shorter for a moment is not set back', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await desk.settle()
  const live = await listen(desk, ada.token, { topics: ['me'] })
  const setHead = (by: number) =>
    desk.database.write((db) =>
      db
        .updateTable('log_head')
        .set((eb) => ({ position: eb('position', '+', by) }))
        .execute(),
    )

  await setHead(-1)
  await desk.app.hub.settle()
  await setHead(1)
  await desk.app.hub.settle()
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Still.' })
  await desk.settle()

  assert.deepEqual(
    live.frames.map(({ type }) => type),
    ['ready', 'event'],
  )
})

test('a clock that is set back lets nobody listen any longer than he may', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]
  const listeners = [await listen(desk, ada.token, { topics: ['me'] }), await listen(desk, bob.token, { topics: ['me'] })]
  await desk.settle()
  desk.clock.advance(-HOUR_MS)
  await desk.settle()

  // No event tells of it: the sweep must find it.
  await desk.database.write((db) =>
    db.updateTable('sessions').set({ ended_at: desk.clock.now() }).where('id', '=', ada.session_id).execute(),
  )
  desk.clock.advance(2000)
  await desk.settle()

  assert.deepEqual(
    listeners.map(({ ended }) => ended()),
    ['signed_out', undefined],
  )
})

test('rights that changed while the database failed in the midst of it are taken in all the same', async (t) => {
  const desk = await openDesk(t)
  const [admin, agent] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  const { body: queue } = await admin.post('/v1/queues', { key: 'billing', name: 'Billing', team_ids: [] })
  await desk.settle()
  const listener = await listen(desk, agent.token, { topics: ['me', `queue:${queue.id}`] })
  await desk.settle()
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  let [isAway, failures] = [true, 0]
  t.mock.method(connection, 'query', (sql: string, values: readonly unknown[]) => {
    if (!isAway || !/^select \* from .queues. where/.test(sql)) return query(sql, values)
    failures++
    return Promise.reject(DatabaseAway())
  })

  await admin.patch(`/v1/users/${agent.id}`, { role: 'requester' })
  for (let round = 0; round < 10 && failures === 0; round++) await desk.settle()
  isAway = false
  await desk.settle()

  assert.ok(failures > 0)
  assert.deepEqual(listener.frames[1], { type: 'unsubscribed', topics: [`queue:${queue.id}`], reason: 'gone' })
  assert.deepEqual(
    listener.frames.slice(1).map(({ type, reason }) => [type, reason]),
    [
      ['unsubscribed', 'gone'],
      ['reset', 'rights_changed'],
    ],
  )
})

test('who is turned away in the midst of his coming is told why, and not that there is nothing', async (t) => {
  const desk = await openLiveDesk(t)
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  t.mock.method(connection, 'query', async (sql: string, values: readonly unknown[]) => {
    if (/from .tickets/.test(sql)) await desk.app.hub.close()
    return query(sql, values)
  })

  const refusal = await refusedWith(desk.socket(`?topics=ticket:${ticket.id}`, { bearer: ada.token }))

  assert.deepEqual([refusal.status, refusal.body.code], [503, 'shutting_down'])
})

test('a connection that is ended before it has begun is closed, with the reason', async (t) => {
  const desk = await openLiveDesk(t)
  const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await ann.put(`/v1/tickets/${ticket.id}/presence`, { viewing: true })
  // What follows from it looks for the ticket, too.
  await desk.app.settle()
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  let looks = 0
  t.mock.method(connection, 'query', async (sql: string, values: readonly unknown[]) => {
    // The first look is for the topic; the second for who is here, when it is all but open.
    if (/from .tickets/.test(sql) && ++looks === 2) await desk.app.hub.close()
    return query(sql, values)
  })

  const socket = await desk.socket(`?topics=ticket:${ticket.id}`, { bearer: ann.token })
  const { code } = await socket.closed

  assert.equal(looks, 2)
  assert.equal(code, 1001)
})

test('what passes by does not pile up while the database does not answer', async (t) => {
  const desk = await openDesk(t)
  const [ada, agent] = [await desk.person(), await desk.person({ role: 'agent' })]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  const listener = await listen(desk, ada.token, { topics: [`ticket:${ticket.id}`] })
  await desk.settle()
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  const answered = Promise.withResolvers<void>()
  t.mock.method(connection, 'query', async (sql: string, values: readonly unknown[]) => {
    await answered.promise
    return query(sql, values)
  })
  const frame = {
    type: 'presence',
    ticket_id: ticket.id,
    user: { id: agent.id, name: 'last' },
    active: true,
    expires_at: null,
  } as const

  for (let i = 0; i < 50_000; i++) {
    const name = i === 49_999 ? 'last' : `${i}`
    desk.app.hub.pass(ticket.id, { staff: null, requester: { ...frame, user: { ...frame.user, name } } })
  }
  answered.resolve()
  await desk.settle()

  assert.ok(listener.frames.length < 10_100, `${listener.frames.length} frames were kept`)
  assert.equal(listener.frames.at(-1).user.name, 'last')
})

test('many who come back at once from the same place are read the log together', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  await desk.settle()
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  let reads = 0
  // The log is slow: nobody has been read it before all of them have come.
  const haveCome = Promise.withResolvers<void>()
  t.mock.method(connection, 'query', async (sql: string, values: readonly unknown[]) => {
    if (/^select \* from .?events/.test(sql)) {
      reads++
      await haveCome.promise
    }
    return query(sql, values)
  })

  const listeners = await Promise.all(
    Array.from({ length: 20 }, (_, i) => listen(desk, ada.token, { topics: ['me'], after: i % 2 })),
  )
  for (const { line } of listeners) await line.resume(0, () => {})
  haveCome.resolve()
  await desk.settle()

  assert.ok(reads <= 4, `the log was read ${reads} times`)
  for (const { frames, types } of listeners) {
    const positions = frames.flatMap(({ event }) => event?.position ?? [])
    assert.ok(types().includes('ticket.created'))
    assert.equal(positions.at(-1), listeners[0]?.line.position)
  }
  await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Still.' })
  await desk.settle()
  for (const { types } of listeners) assert.equal(types().at(-1), 'message.created')
})
