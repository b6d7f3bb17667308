import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../test/desk.ts'
import { freshDatabase } from '../test/engine.ts'
import { Problem } from './platform/problems.ts'
import { processRoutes } from './process-routes.ts'

test('the process answers whether it runs, whether it can work, and what it is, to anybody', async (t) => {
  const desk = await openDesk(t)

  const [live, ready, version] = [
    await desk.anyone.get('/livez'),
    await desk.anyone.get('/readyz'),
    await desk.anyone.get('/version'),
  ]

  assert.deepEqual([live.status, live.body], [200, { status: 'ok' }])
  assert.deepEqual([ready.status, ready.body], [200, { status: 'ok' }])
  assert.deepEqual(Object.keys(version.body).sort(), ['database', 'node', 'version'])
})

test('a process whose database cannot be written is not ready', async () => {
  const database = await (await freshDatabase()).open()
  await database.close()
  const ready = processRoutes({ database, version: '1', isStopping: () => false }).find(({ path }) => path === '/readyz')

  // It looks at nothing of the request.
  const answer = ready?.handle({} as Parameters<typeof ready.handle>[0])

  await assert.rejects(
    async () => answer,
    (error) => error instanceof Problem && error.code === 'database_unavailable',
  )
})
