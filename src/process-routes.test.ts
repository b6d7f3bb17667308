import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../test/desk.ts'
import { freshDatabase } from '../test/engine.ts'
import { systemClock } from './platform/clock.ts'
import { insertRows } from './platform/database/prepared.ts'
import { newId } from './platform/ids.ts'
import { Problem } from './platform/problems.ts'
import type { DeliveryRow } from './platform/tables.ts'
import { processRoutes } from './process-routes.ts'

test('the process answers whether it runs, whether it can work, and what it is, to anybody', async (t) => {
  const desk = await openDesk(t)

  const [live, ready, version] = [
    await desk.anyone.get('/livez'),
    await desk.anyone.get('/readyz'),
    await desk.anyone.get('/version'),
  ]

  assert.deepEqual([live.status, live.body], [200, { status: 'ok' }])
  assert.deepEqual(
    [ready.status, ready.body],
    [200, { status: 'ok', database: 'ok', migrations: 'ok', disk: 'ok', deliveries: 'ok' }],
  )
  assert.deepEqual(Object.keys(version.body).sort(), ['database', 'node', 'version'])
})

test('a process whose database cannot be written is not ready', async () => {
  const database = await (await freshDatabase()).open()
  await database.close()
  const ready = processRoutes({ database, clock: systemClock, dataDir: '/', version: '1', isStopping: () => false }).find(
    ({ path }) => path === '/readyz',
  )

  // It looks at nothing of the request.
  const answer = ready?.handle({} as Parameters<typeof ready.handle>[0])

  await assert.rejects(
    async () => answer,
    (error) => error instanceof Problem && error.code === 'database_unavailable',
  )
})

test('what is late is said, and a schema of another version is not worked on', async (t) => {
  const database = await (await freshDatabase()).open()
  t.after(() => database.close())
  const clock = { now: () => 1_000_000_000_000 }
  const asked = processRoutes({ database, clock, dataDir: '/', version: '1', isStopping: () => false })
  const ready = asked.find(({ path }) => path === '/readyz')
  const answer = async () => (await ready?.handle({} as Parameters<typeof ready.handle>[0]))?.body
  const well = { status: 'ok', database: 'ok', migrations: 'ok', disk: 'ok', deliveries: 'ok' }

  assert.deepEqual(await answer(), well)
  await database.write((db) => insertRows(db, 'deliveries', [dueAt(clock.now() - 59_000)]))
  assert.deepEqual(await answer(), well)
  await database.write((db) => insertRows(db, 'deliveries', [dueAt(clock.now() - 61_000)]))
  assert.deepEqual(await answer(), { ...well, deliveries: 'late' })

  const step = { migration: '9999-of-later', step: 'x', applied_at: 0 }
  await database.write((db) => db.insertInto('schema_steps').values(step).execute())
  await assert.rejects(answer, { code: 'database_unavailable' })
  await database.write((db) => db.deleteFrom('schema_steps').where('migration', '=', step.migration).execute())
})

function dueAt(due_at: number): DeliveryRow {
  return {
    id: newId('dlv'),
    event_id: newId('evt'),
    reaction: 'none',
    state: 'due',
    due_at,
    attempts: 0,
    lease_token: null,
    order_key: null,
    order_seq: null,
    last_error: null,
    created_at: due_at,
    finished_at: null,
  }
}
