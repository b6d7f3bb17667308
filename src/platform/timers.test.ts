import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { Type } from 'typebox'
import { type Desk, openDesk } from '../../test/desk.ts'
import { freshDatabase } from '../../test/engine.ts'
import { systemActor } from './actor.ts'
import { type Clock, systemClock } from './clock.ts'
import { fromJson } from './codecs.ts'
import type { Database } from './database/database.ts'
import { defineEvent } from './events.ts'
import {
  backoffMs,
  clearTimer,
  createTimekeeper,
  listTimers,
  MAX_ATTEMPTS,
  retryTimers,
  setTimer,
  type TimerKind,
} from './timers.ts'
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

test('what was due while nobody ran fires at the start, each at once', async (t) => {
  const { first, node, set, advance, rung } = await alarms(t)
  await set('a', 1000)
  await set('b', 2000)
  await set('c', 9_000_000)
  await first.stop()

  advance(3_600_000)
  const second = await node()
  await second.settle()

  assert.deepEqual((await rung()).sort(), ['a 3600000', 'b 3600000'])
})

test('a handler that fails leaves nothing behind, is tried again after growing pauses, and is dead in the end', async (t) => {
  let works = false
  let tries = 0
  const gaveUp: string[] = []
  const { database, first, set, advance, now, rung, failures } = await alarms(
    t,
    async (tx, timer) => {
      tries++
      await ring(tx, timer)
      if (!works) throw new Error('the ticket is stuck')
    },
    {
      giveUp: async (_, { subject_id, error }) => {
        gaveUp.push(`${subject_id}: ${error}`)
      },
    },
  )
  await set('a', 0)
  await first.settle()
  await first.settle()
  assert.equal(tries, 1, 'not again before its time')

  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
    advance(backoffMs(attempt) - 1)
    await first.settle()
    assert.equal(tries, attempt)
    advance(1)
    await first.settle()
    assert.equal(tries, attempt + 1)
  }
  advance(86_400_000)
  await first.settle()
  assert.equal(tries, MAX_ATTEMPTS)
  assert.deepEqual(failures, [...Array.from({ length: MAX_ATTEMPTS - 1 }, () => 'failed'), 'dead'])
  assert.deepEqual(gaveUp, ['a: the ticket is stuck'])
  const [dead] = await listTimers(database.reader, { state: 'dead', limit: 10 })
  assert.equal(dead?.last_error, 'the ticket is stuck')
  assert.deepEqual(await rung(), [])

  works = true
  assert.equal(await database.write((db) => retryTimers(db, { ids: 'all dead', now: now() })), 1)
  await first.settle()
  assert.equal((await rung()).length, 1)
})

test('a dead timer that is set again is as good as new', async (t) => {
  const { database, first, set, advance, rung } = await alarms(t)
  await set('a', 1000)
  await database.write((db) => db.updateTable('timers').set({ state: 'dead', attempts: 30 }).execute())
  advance(1000)
  await first.settle()
  assert.deepEqual(await rung(), [])

  await set('a', 1000)
  advance(1000)
  await first.settle()

  assert.deepEqual(await rung(), ['a 2000'])
})

test('a handler may set its own timer again, and clear it', async (t) => {
  const { first, advance, rung, left } = await alarms(t, async (tx, timer) => {
    await ring(tx, timer)
    const again = { kind, subject_id: timer.subject_id, due_at: timer.due_at + 1700 }
    if (timer.generation < 3) await setTimer(tx, again)
    // As a command does that has nothing to do with timers' firing.
    else await clearTimer(tx, again)
  })
  await first.transact((tx) => setTimer(tx, { kind, subject_id: 'a', due_at: START + 1000 }))

  for (let tenth = 1; tenth <= 80; tenth++) {
    advance(100)
    await first.settle()
  }

  assert.deepEqual(await rung(), ['a 1000', 'a 2700', 'a 4400'])
  assert.equal(await left(), 0)
})

test('a handler that sets its timer twice, or clears it first, leaves one at the last time', async (t) => {
  const { first, advance, rung } = await alarms(t, async (tx, timer) => {
    await ring(tx, timer)
    const at = (ms: number) => ({ kind, subject_id: timer.subject_id, due_at: START + ms })
    if (tx.now >= START + 4000) return
    if (timer.subject_id === 'twice') await setTimer(tx, at(2000))
    else await clearTimer(tx, at(0))
    await setTimer(tx, at(4000))
  })
  for (const subject_id of ['twice', 'cleared'])
    await first.transact((tx) => setTimer(tx, { kind, subject_id, due_at: START + 1000 }))

  for (let second = 1; second <= 6; second++) {
    advance(1000)
    await first.settle()
  }

  assert.deepEqual((await rung()).sort(), ['cleared 1000', 'cleared 4000', 'twice 1000', 'twice 4000'])
})

/** A handler that waits in the middle of its first firing, until it may go on. */
function halting(afterwards: (tx: Tx, timer: { subject_id: string; generation: number }) => Promise<void> = async () => {}) {
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>()
  const { promise: hasBegun, resolve: begin } = Promise.withResolvers<void>()
  let isFirst = true
  const fire: TimerKind['fire'] = async (tx, timer) => {
    await ring(tx, timer)
    if (!isFirst) return
    isFirst = false
    begin()
    await mayGoOn
    await afterwards(tx, timer)
  }
  return { fire, hasBegun, goOn }
}

const overtakers: Record<string, { afterwards?: Parameters<typeof halting>[0]; rings: string[]; by: 'set' | 'clear' | 'fire' }> =
  {
    'was moved to a later time': { by: 'set', rings: ['a 6000'] },
    'was cleared': { by: 'clear', rings: [] },
    'was fired by another node, as its lease had run out': { by: 'fire', rings: ['a 3000'] },
    'was moved, even when its handler sets it again': {
      by: 'set',
      rings: ['a 6000'],
      afterwards: (tx, { subject_id }) => setTimer(tx, { kind, subject_id, due_at: tx.now }),
    },
    'was moved, even when its handler clears it': {
      by: 'set',
      rings: ['a 6000'],
      afterwards: (tx, { subject_id }) => clearTimer(tx, { kind, subject_id }),
    },
    'was moved, even when its handler fails': {
      by: 'set',
      rings: ['a 6000'],
      afterwards: async () => assert.fail('not on this generation'),
    },
  }

for (const [what, { afterwards, rings, by }] of Object.entries(overtakers))
  test(`a firing whose timer ${what} does nothing`, async (t) => {
    const { fire, hasBegun, goOn } = halting(afterwards)
    const { database, first, node, advance, now, rung, failures } = await alarms(t, fire)
    // On SQLite nobody writes beside a transaction that has begun.
    if (database.engine === 'sqlite') return t.skip('transactions run one after the other')
    const second = await node()
    const at = (due_at: number) => ({ kind, subject_id: 'a', due_at })
    await first.transact((tx) => setTimer(tx, at(START + 1000)))
    advance(1000)
    const firing = first.settle()
    await hasBegun

    if (by === 'set') await second.transact((tx) => setTimer(tx, at(now() + 5000)))
    else if (by === 'clear') await second.transact((tx) => clearTimer(tx, at(0)))
    advance(2000)
    await second.settle()
    goOn()
    await firing
    await first.settle()
    advance(3000)
    await Promise.all([first.settle(), second.settle()])

    assert.deepEqual(await rung(), rings)
    assert.deepEqual(failures, [])
  })

test('a timer that was claimed together with the one that moves it does nothing before its new time', async (t) => {
  const { database, first, set, advance, rung, failures } = await alarms(t, async (tx, timer) => {
    await ring(tx, timer)
    if (timer.subject_id === 'a') await setTimer(tx, { kind, subject_id: 'b', due_at: tx.now + 1000 })
  })
  if (database.engine === 'mysql') return t.skip('both fire at the same time')
  await set('a', 1000)
  await set('b', 1001)
  advance(1001)

  await first.settle()
  assert.deepEqual(await rung(), ['a 1001'])
  advance(1000)
  await first.settle()

  assert.deepEqual(await rung(), ['a 1001', 'b 2001'])
  assert.deepEqual(failures, [])
})

test('a node that dies leaves its claims for a second, and no longer', async (t) => {
  const { database, first, set, advance, rung } = await alarms(t)
  for (let i = 0; i < 5; i++) await set(`a${i}`, 1000)
  advance(1000)
  await database.write((db) =>
    db
      .updateTable('timers')
      .set({ state: 'leased', lease_token: 'lea_dead', claim_at: START + 2000, attempts: 1 })
      .execute(),
  )

  advance(999)
  await first.settle()
  assert.deepEqual(await rung(), [])
  advance(1)
  await first.settle()

  assert.deepEqual((await rung()).sort(), ['a0 2000', 'a1 2000', 'a2 2000', 'a3 2000', 'a4 2000'])
})

test('a node that stops finishes what it fires, and gives back what it has only claimed', async (t) => {
  const { promise: stuck, resolve: free } = Promise.withResolvers<void>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  let fired = 0
  const { database, first, node, set, advance, rung } = await alarms(t, async (tx, timer) => {
    if (fired++ === 0) {
      start()
      await stuck
    }
    await ring(tx, timer)
  })
  for (let i = 0; i < 20; i++) await set(`a${i}`, 1000)
  advance(1000)
  const settling = first.settle()
  await started

  const stopping = first.stop()
  free()
  await Promise.all([settling, stopping])
  const left = await database.reader.selectFrom('timers').select(['state', 'attempts', 'lease_token']).execute()
  const second = await node()
  await second.settle()

  assert.ok(left.length > 0, 'some were claimed and not begun')
  assert.ok(left.every(({ state, attempts, lease_token }) => state === 'due' && attempts === 0 && lease_token === null))
  // The clock stands: no lease has run out.
  assert.equal((await rung()).length, 20)
})

test('a timer of a kind that this node does not know is an error, and waits', async (t) => {
  const { database, first, failures } = await alarms(t)
  await first.transact((tx) => setTimer(tx, { kind: 'test.unknown', subject_id: 'a', due_at: START }))

  await first.settle()

  assert.deepEqual(failures, ['failed'])
  const [waiting] = await listTimers(database.reader, { state: 'due', limit: 10 })
  assert.equal(waiting?.last_error, 'no timer is of the kind test.unknown')
  assert.equal(waiting?.claim_at, START + backoffMs(1))
})

test('a standing clock makes nobody busy, and a moving one wakes to the moment', async (t) => {
  const { open } = await freshDatabase()
  const database = await open()
  let reads = 0
  const counted: Database = {
    ...database,
    get reader() {
      reads++
      return database.reader
    },
  }
  const { promise: rings, resolve } = Promise.withResolvers<number>()
  const watch = (clock: Clock, db: Database) => {
    const transact = createTransactor({ database: db, clock, reactions: [], onCommit: () => timekeeper.wake() })()
    const fire: TimerKind['fire'] = async (_, { due_at }) => resolve(systemClock.now() - due_at)
    const kinds = [{ name: kind, fire }]
    const timekeeper = createTimekeeper({
      database: db,
      clock,
      transact,
      kinds,
      onTried: () => {},
      onError: (error) => assert.fail(String(error)),
    })
    return { transact, timekeeper }
  }
  const standing = watch({ now: () => START }, counted)
  await standing.transact((tx) => setTimer(tx, { kind: 'test.none', subject_id: 'a', due_at: START + 1 }))
  await wait(300)
  assert.ok(reads <= 5, `${reads} looks in a third of a second`)
  await standing.timekeeper.stop()

  const moving = watch(systemClock, database)
  t.after(async () => {
    await moving.timekeeper.stop()
    await database.close()
  })
  await moving.transact((tx) => setTimer(tx, { kind, subject_id: 'b', due_at: systemClock.now() + 300 }))
  const late = await rings
  assert.ok(late >= 0 && late < 250, `${late} ms late`)
})

interface Step {
  what: 'set' | 'clear' | 'advance'
  who: string
  ms: number
}

test('whatever is set, moved, cleared and waited for, each timer fires exactly when it should', async (t) => {
  const names = ['a', 'b', 'c', 'd']
  const step = fc.record({
    what: fc.constantFrom<Step['what'][]>('set', 'set', 'clear', 'advance', 'advance'),
    who: fc.constantFrom(...names),
    ms: fc.integer({ min: 0, max: 5000 }),
  })
  const { first, node, set, clear, advance, now, rung, left } = await alarms(t)
  const second = await node()
  let run = 0
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const prefix = `r${++run}`
    const model = new Map<string, number>()
    const expected: string[] = []
    for (const { what, who, ms } of [...steps, { what: 'advance' as const, who: 'a', ms: 5000 }]) {
      const name = `${prefix}${who}`
      switch (what) {
        case 'set':
          await set(name, ms)
          model.set(name, now() + ms)
          break
        case 'clear':
          await clear(name)
          model.delete(name)
          break
        case 'advance':
          advance(ms)
          await Promise.all([first.settle(), second.settle()])
          for (const [due, at] of model)
            if (at <= now()) {
              expected.push(`${due} ${now() - START}`)
              model.delete(due)
            }
      }
    }
    const own = (await rung()).filter(
      (ring) => ring.startsWith(`${prefix}a`) || names.some((n) => ring.startsWith(`${prefix}${n} `)),
    )
    assert.deepEqual(own.sort(), expected.sort())
    assert.equal(await left(), model.size)
  })
  await fc.assert(property, { numRuns: 40 })
})

const linked = defineEvent('chain.linked', Type.Object({ n: Type.Integer() }))

test('a desk is settled when no delivery sets a timer any more, and no timer owes a delivery', async (t) => {
  const link = (tx: Tx, n: number) =>
    tx.announce(linked, {
      actor: systemActor,
      subject: { type: 'chain', id: 'chn_1', version: n },
      visibility: 'internal',
      data: { n },
    })
  const desk: Desk = await openDesk(t, {
    more: {
      timers: [{ name: 'test.link', fire: async (tx, { subject_id }) => link(tx, Number(subject_id)) }],
      reactions: [
        {
          name: 'test.go-on',
          on: [linked],
          handle: async ({ event: { data } }) => {
            const n = Number(data.n)
            const next = (tx: Tx) => setTimer(tx, { kind: 'test.link', subject_id: String(n + 1), due_at: tx.now })
            if (n < 5) await desk.app.transact(next)
          },
        },
      ],
    },
  })
  await desk.app.transact((tx) => setTimer(tx, { kind: 'test.link', subject_id: '1', due_at: tx.now + 1000 }))
  await desk.announced([])

  desk.clock.advance(1000)

  await desk.announced(['chain.linked', 'chain.linked', 'chain.linked', 'chain.linked', 'chain.linked'])
})
