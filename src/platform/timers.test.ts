import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import { freshDatabase } from '../../test/engine.ts'
import type { Clock } from './clock.ts'
import { fromJson } from './codecs.ts'
import type { Database } from './database/database.ts'
import { defineEvent } from './events.ts'
import { clearTimer, createTimekeeper, setTimer, type TimerKind } from './timers.ts'
import { createTransactor, type Tx } from './transaction.ts'

const rang = defineEvent('alarm.rang', Type.Object({ at: Type.Integer(), generation: Type.Integer() }))

const START = 1_000_000
const kind = 'test.ring'

/** Says that it rang: the event stands in the transaction that takes the timer away. */
async function ring(tx: Tx, { subject_id, generation }: { subject_id: string; generation: number }): Promise<void> {
  tx.announce(rang, {
    actor: { type: 'system', id: 'system' },
    subject: { type: 'alarm', id: subject_id, version: 1 },
    visibility: 'internal',
    data: { at: tx.now, generation },
  })
}

interface Node {
  settle(): Promise<void>
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** Alarms on a database of their own, and nodes that look after them. The clock stands until it is moved. */
async function alarms(t: TestContext, fire: TimerKind['fire'] = ring, more: Partial<TimerKind> = {}) {
  const { open } = await freshDatabase()
  let now = START
  const clock: Clock = { now: () => now }
  const failures: string[] = []
  const opened: { node: Node; database: Database }[] = []
  t.after(async () => {
    for (const { node } of opened) await node.stop()
    for (const { database } of opened) await database.close()
  })
  const node = async (): Promise<Node> => {
    const database = await open()
    const transact = createTransactor({ database, clock, reactions: [], onCommit: () => {} })()
    const timekeeper = createTimekeeper({
      database,
      clock,
      transact,
      kinds: [{ name: kind, fire, ...more }],
      onTried: ({ failure }) => {
        if (failure) failures.push(failure.dead ? 'dead' : 'failed')
      },
      onError: (error) => failures.push(`error: ${error}`),
    })
    const made = { settle: timekeeper.settle, stop: timekeeper.stop, transact }
    opened.push({ node: made, database })
    return made
  }
  const first = await node()
  const database = opened[0]?.database
  assert.ok(database)
  return {
    database,
    first,
    node,
    failures,
    advance: (ms: number) => {
      now += ms
    },
    now: () => now,
    set: (subject_id: string, in_ms: number) => first.transact((tx) => setTimer(tx, { kind, subject_id, due_at: now + in_ms })),
    clear: (subject_id: string) => first.transact((tx) => clearTimer(tx, { kind, subject_id })),
    /** What has rung so far: who, and how long after the start. */
    rung: async () => {
      const rows = await database.reader.selectFrom('events').selectAll().orderBy('occurred_at').orderBy('id').execute()
      return rows.map((row) => `${row.subject_id} ${fromJson<{ at: number }>(row.data).at - START}`)
    },
    left: async () => (await database.reader.selectFrom('timers').selectAll().execute()).length,
  }
}

test('a timer fires once when it is due, not before, and is gone', async (t) => {
  const { first, set, advance, rung, left } = await alarms(t)
  await set('a', 5000)

  await first.settle()
  assert.deepEqual(await rung(), [])
  advance(4999)
  await first.settle()
  assert.deepEqual(await rung(), [])
  advance(1)
  await first.settle()
  await first.settle()

  assert.deepEqual(await rung(), ['a 5000'])
  assert.equal(await left(), 0)
})

test('two nodes fire each of many timers once', async (t) => {
  const { first, node, set, advance, rung, left, failures } = await alarms(t)
  const second = await node()
  for (let i = 0; i < 150; i++) await set(`a${i}`, 1000 + (i % 7))

  advance(1010)
  await Promise.all([first.settle(), second.settle()])
  await Promise.all([first.settle(), second.settle()])

  assert.equal((await rung()).length, 150)
  assert.equal(new Set(await rung()).size, 150)
  assert.equal(await left(), 0)
  assert.deepEqual(failures, [])
})

test('a timer that is moved fires at its new time only, be it earlier or later', async (t) => {
  const { first, set, advance, rung } = await alarms(t)
  await set('earlier', 5000)
  await set('later', 1000)
  await set('earlier', 2000)
  await set('later', 3000)

  for (let second = 1; second <= 6; second++) {
    advance(1000)
    await first.settle()
  }

  assert.deepEqual(await rung(), ['earlier 2000', 'later 3000'])
})

test('a timer that is cleared never fires, and may be set anew', async (t) => {
  const { first, set, clear, advance, rung } = await alarms(t)
  await clear('a')
  await set('a', 1000)
  await clear('a')
  await set('b', 1000)
  await clear('b')
  await set('b', 2000)

  advance(10_000)
  await first.settle()

  assert.deepEqual(await rung(), ['b 10000'])
})
