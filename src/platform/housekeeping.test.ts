import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '../../test/engine.ts'
import { insertRows } from './database/prepared.ts'
import { createHousekeeper, pruneDeliveries, pruneIdempotencyKeys } from './housekeeping.ts'
import type { DeliveryRow, IdempotencyRow } from './tables.ts'

const DAY = 86_400_000

test('old answers and old deliveries that are done go; dead ones and young ones stay', async (t) => {
  const { open } = await freshDatabase()
  const database = await open()
  t.after(() => database.close())
  const now = 100 * DAY
  const delivery = (id: string, state: DeliveryRow['state'], due_at: number): DeliveryRow => ({
    ...{ id, state, due_at, event_id: 'evt_1', reaction: 'test', attempts: 1, lease_token: null },
    ...{ order_key: null, order_seq: null, last_error: null, created_at: due_at, finished_at: due_at },
  })
  const key = (i: number, created_at: number): IdempotencyRow => ({
    ...{ principal_id: 'usr_1', idempotency_key: `key ${i}`, fingerprint: 'f', status: 201, headers: '{}', body: '{}' },
    ...{ subject_id: null, subject_view: null, created_at },
  })
  await database.write(async (db) => {
    await insertRows(db, 'deliveries', [
      delivery('dlv_old', 'done', now - 8 * DAY),
      delivery('dlv_dead', 'dead', now - 8 * DAY),
      delivery('dlv_young', 'done', now - DAY),
    ])
    for (let i = 0; i < 1200; i += 100)
      await insertRows(
        db,
        'idempotency_keys',
        Array.from({ length: 100 }, (_, j) => key(i + j, now - 2 * DAY)),
      )
    await insertRows(db, 'idempotency_keys', [key(9999, now - 1000)])
  })

  assert.equal(await pruneDeliveries(database, { now: () => now }), 1)
  assert.equal(await pruneIdempotencyKeys(database, now - DAY), 1200)

  const left = await database.reader.selectFrom('deliveries').select('id').orderBy('id').execute()
  assert.deepEqual(
    left.map(({ id }) => id),
    ['dlv_dead', 'dlv_young'],
  )
  assert.equal((await database.reader.selectFrom('idempotency_keys').select('idempotency_key').execute()).length, 1)
})

test('the chores are done soon after the start, then once an hour, and not after the end', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  let count = 0
  const chore = async () => ++count
  const housekeeper = createHousekeeper({ chores: [chore], onError: (error) => assert.fail(String(error)) })
  const after = async (minutes: number): Promise<number> => {
    t.mock.timers.tick(minutes * 60_000)
    await new Promise(setImmediate)
    return count
  }

  assert.deepEqual([await after(4), await after(1), await after(54), await after(1), await after(60)], [0, 1, 1, 2, 3])
  await housekeeper.stop()
  const stopped = createHousekeeper({ chores: [chore], onError: (error) => assert.fail(String(error)) })
  await stopped.stop()
  assert.equal(await after(120), 3)
})
