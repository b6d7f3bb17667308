import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { freshDatabase } from '../../test/engine.ts'
import type { Clock } from './clock.ts'
import { backoffMs, createDispatcher, listDeliveries, MAX_ATTEMPTS, retryDeliveries } from './deliver.ts'
import { type Delivery, defineEvent, type Reaction } from './events.ts'
import { createTransactor } from './transaction.ts'

const rang = defineEvent('bell.rang', Type.Object({ times: Type.Integer() }))

async function ringing(
  t: { after(fn: () => Promise<void>): void },
  handle: (delivery: Delivery) => Promise<void>,
  orderedByTicket = false,
) {
  const { open } = await freshDatabase()
  const database = await open()
  let now = 1_000_000
  const clock: Clock & { advance(ms: number): void } = {
    now: () => now,
    advance: (ms) => {
      now += ms
    },
  }
  const reactions: Reaction[] = [{ name: 'test.listen', on: [rang], orderedByTicket, handle }]
  const failures: string[] = []
  const dispatcher = () =>
    createDispatcher({
      database,
      clock,
      reactions,
      onTried: ({ failure }) => {
        if (failure) failures.push(failure.dead ? 'dead' : 'failed')
      },
      onError: (error) => assert.fail(String(error)),
      patienceMs: 0,
    })
  const workers = [dispatcher(), dispatcher()] as const
  t.after(async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    await database.close()
  })
  const transact = createTransactor({ database, clock, reactions, onCommit: () => {} })()
  const ring = (times: number, ticket?: { id: string; seq: number }) =>
    transact(async (tx) => {
      const subject = { type: 'bell', id: 'bel_1', version: times }
      const announcement = {
        actor: { type: 'system', id: 'system' } as const,
        subject,
        visibility: 'internal' as const,
        data: { times },
      }
      tx.announce(rang, ticket ? { ...announcement, ticket } : announcement)
    })
  return { database, clock, failures, ring, first: workers[0], second: workers[1] }
}

test('what is owed after an event is done once, also by two workers', async (t) => {
  const heard: unknown[] = []
  const { database, ring, first, second } = await ringing(t, async ({ event, attempt }) => {
    heard.push([event.data.times, attempt])
  })
  for (let i = 0; i < 30; i++) await ring(i)

  await Promise.all([first.settle(), second.settle()])

  assert.equal(heard.length, 30)
  assert.equal(new Set(heard.map(String)).size, 30)
  assert.equal((await listDeliveries(database.reader, { state: 'done', limit: 100 })).length, 30)
})

test('what fails is tried again after a growing pause, and is dead in the end, until somebody revives it', async (t) => {
  let works = false
  let tries = 0
  const { database, clock, failures, ring, first } = await ringing(t, async () => {
    tries++
    if (!works) throw new Error('the mail server is away')
  })
  await ring(1)
  await first.settle()
  await first.settle()
  assert.equal(tries, 1, 'not again before its time')

  for (let i = 1; i < MAX_ATTEMPTS; i++) {
    clock.advance(backoffMs(i, 1))
    await first.settle()
  }
  const [dead] = await listDeliveries(database.reader, { state: 'dead', limit: 10 })
  assert.equal(tries, MAX_ATTEMPTS)
  assert.equal(failures.at(-1), 'dead')
  assert.match(dead?.last_error ?? '', /mail server is away/)

  works = true
  assert.equal(await database.write((db) => retryDeliveries(db, { ids: 'all dead', now: clock.now() })), 1)
  await first.settle()
  assert.equal((await listDeliveries(database.reader, { state: 'done', limit: 10 })).length, 1)
})

test('a delivery whose worker died is taken over when its lease has run out, and the late one cannot finish it', async (t) => {
  const { promise: stuck, resolve: free } = Promise.withResolvers<void>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const attempts: number[] = []
  const { database, clock, ring, first, second } = await ringing(t, async ({ attempt }) => {
    attempts.push(attempt)
    if (attempt > 1) return
    start()
    await stuck
    throw new Error('too late')
  })
  await ring(1)
  const hanging = first.settle()
  await started
  await second.settle()
  assert.deepEqual(attempts, [1])

  clock.advance(121_000)
  await second.settle()
  assert.deepEqual(attempts, [1, 2])
  free()
  await hanging

  assert.equal((await listDeliveries(database.reader, { state: 'done', limit: 10 })).length, 1)
})

test('a node that stops gives back what takes too long, and another one has it at once', async (t) => {
  const { promise: stuck, resolve: free } = Promise.withResolvers<void>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  let calls = 0
  const { database, ring, first, second } = await ringing(t, async () => {
    if (++calls > 1) return
    start()
    await stuck
  })
  await ring(1)
  first.wake()
  await started

  await first.stop()
  await second.settle()
  const done = await listDeliveries(database.reader, { state: 'done', limit: 10 })
  free()

  assert.equal(calls, 2)
  // What was given back was no try.
  assert.deepEqual(
    done.map(({ attempts }) => attempts),
    [1],
  )
})

test('a reaction that asks for it gets the events of one ticket one after the other; a dead one lets the next go', async (t) => {
  const heard: number[] = []
  let fails = true
  const { database, clock, ring, first } = await ringing(
    t,
    async ({ event }) => {
      if (fails && event.data.times === 1) throw new Error('not yet')
      heard.push(Number(event.data.times))
    },
    true,
  )
  await ring(1, { id: 'tkt_a', seq: 1 })
  await ring(2, { id: 'tkt_a', seq: 2 })
  await ring(3, { id: 'tkt_b', seq: 1 })
  await first.settle()
  assert.deepEqual(heard, [3])

  fails = false
  clock.advance(backoffMs(1, 1))
  await first.settle()
  assert.deepEqual(heard, [3, 1, 2])

  fails = true
  await ring(1, { id: 'tkt_c', seq: 1 })
  await ring(5, { id: 'tkt_c', seq: 2 })
  await first.settle()
  await database.write(async (db) => {
    await db
      .updateTable('deliveries')
      .set({ state: 'dead' })
      .where('order_key', '=', 'tkt_c')
      .where('order_seq', '=', 1)
      .execute()
  })
  await first.settle()
  assert.deepEqual(heard, [3, 1, 2, 5])
})
