import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { Type } from 'typebox'
import { freshDatabase } from '../../test/engine.ts'
import { systemClock } from './clock.ts'
import { insertRows } from './database/prepared.ts'
import { defineEvent } from './events.ts'
import { createSequencer, inTicketOrder, stampEvents } from './sequencer.ts'
import { createTransactor } from './transaction.ts'

const happened = defineEvent('test.happened', Type.Object({ i: Type.Integer() }))

test('one ticket’s events are stamped in the order of their numbers, others stay where they were', () => {
  const events = fc.array(
    fc.record({ ticket_id: fc.option(fc.constantFrom('a', 'b', 'c')), ticket_seq: fc.integer({ min: 1, max: 50 }) }),
  )
  fc.assert(
    fc.property(events, (given) => {
      const before = given.map((event, i) => ({ id: String(i), ...event }))
      const after = inTicketOrder(before)

      assert.deepEqual(new Set(after), new Set(before))
      assert.deepEqual(
        after.map(({ ticket_id }) => ticket_id),
        before.map(({ ticket_id }) => ticket_id),
      )
      for (const ticket of ['a', 'b', 'c']) {
        const seqs = after.filter(({ ticket_id }) => ticket_id === ticket).map(({ ticket_seq }) => ticket_seq)
        assert.deepEqual(
          seqs,
          [...seqs].sort((x, y) => Number(x) - Number(y)),
        )
      }
    }),
  )
})

test('a reader who remembers the last position misses no event of a slow transaction, and sees no gap', async (t) => {
  const { open } = await freshDatabase()
  const database = await open()
  const sequencer = createSequencer({ database, onError: (error) => assert.fail(String(error)) })
  const transact = createTransactor({ database, clock: systemClock, reactions: [], onCommit: () => sequencer.wake() })()
  t.after(async () => {
    await sequencer.stop()
    await database.close()
  })
  const WRITERS = 8
  const EACH = 15
  let writing = true

  const write = async (writer: number) => {
    for (let i = 0; i < EACH; i++) {
      await transact(async (tx) => {
        const subject = { type: 'test', id: `tst_${writer}`, version: i + 1 }
        tx.announce(happened, { actor: { type: 'system', id: 'system' }, subject, visibility: 'internal', data: { i } })
        // Announced early, committed late: the order of ids is not the order of commits.
        if (database.engine === 'mysql') await wait(Math.random() * 8)
      })
    }
  }
  const seen: { id: string; position: number }[] = []
  const follow = async () => {
    for (;;) {
      const wasWriting = writing
      const after = seen.at(-1)?.position ?? 0
      const rows = await database.reader
        .selectFrom('events')
        .select(['id', 'position'])
        .where('position', '>', after)
        .orderBy('position')
        .limit(10)
        .execute()
      for (const { id, position } of rows) seen.push({ id, position: position ?? 0 })
      if (rows.length === 0 && !wasWriting) return
      await wait(1)
    }
  }
  const following = follow()
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
  await sequencer.settle()
  writing = false
  await following

  assert.deepEqual(
    seen.map(({ position }) => position),
    Array.from({ length: WRITERS * EACH }, (_, i) => i + 1),
  )
  assert.equal(new Set(seen.map(({ id }) => id)).size, WRITERS * EACH)
})

test('what has committed gets its position while other transactions still linger', async (t) => {
  const { open } = await freshDatabase()
  const database = await open()
  t.after(() => database.close())
  if (database.engine !== 'mysql') return t.skip('on SQLite positions are given in the transaction itself')
  const queued = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => ({ event_id: `evt_${prefix}${i}` }))
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
  const { promise: hasWritten, resolve: wrote } = Promise.withResolvers<void>()
  const transact = createTransactor({ database, clock: systemClock, reactions: [], onCommit: () => {} })()
  for (let i = 0; i < 20; i++)
    await transact(async (tx) => {
      const subject = { type: 'test', id: 'tst_1', version: i + 1 }
      tx.announce(happened, { actor: { type: 'system', id: 'system' }, subject, visibility: 'internal', data: { i } })
    })
  const lingering = database.write(async (db) => {
    await insertRows(db, 'event_queue', queued('zz', 3))
    wrote()
    await mayEnd
    await db.deleteFrom('event_queue').where('event_id', 'like', 'evt_zz%').execute()
  })
  await hasWritten

  const started = performance.now()
  const stamped = await stampEvents(database).finally(end)

  assert.equal(stamped, 20)
  assert.ok(performance.now() - started < 1000)
  await lingering
})
