import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { openDesk } from '../../../test/desk.ts'
import { freshDatabase } from '../../../test/engine.ts'
import { connectionOf } from '../database/connection.ts'
import { openDatabase } from '../database/open.ts'
import { createLog } from '../log.ts'
import { createShedding } from './shedding.ts'

const quiet = createLog({ level: 'silent', format: 'json' })

/** As much of a request as shedding looks at. */
function request(method: string): FastifyRequest {
  return { method, routeOptions: { config: {} } } as FastifyRequest
}

test('who would wait too long for the database is refused; who reads does not mind a queue of writers', (t) => {
  let waits = { read_ms: 0, write_ms: 0 }
  const shedding = createShedding({ database: { waits: () => waits }, log: quiet, afterMs: 250, atOnce: 0 })
  t.after(shedding.stop)
  const outcome = (method: string): string => {
    try {
      shedding.admit(request(method))
      return 'let in'
    } catch (error) {
      return String((error as { code?: unknown }).code)
    }
  }

  const outcomes = [
    { read_ms: 0, write_ms: 0 },
    { read_ms: 0, write_ms: 300 },
    { read_ms: 300, write_ms: 300 },
    { read_ms: 0, write_ms: 250 },
  ].map((given) => {
    waits = given
    return [outcome('GET'), outcome('POST')]
  })

  assert.deepEqual(outcomes, [
    ['let in', 'let in'],
    ['let in', 'overloaded'],
    ['overloaded', 'overloaded'],
    ['let in', 'let in'],
  ])
})

test('who comes in a turn of the event loop that has lasted too long is refused, and who comes in the next is not', async (t) => {
  const database = { waits: () => ({ read_ms: 0, write_ms: 0 }) }
  const shedding = createShedding({ database, log: quiet, afterMs: 10, atOnce: 0 })
  const never = createShedding({ database, log: quiet, afterMs: 0, atOnce: 0 })
  t.after(shedding.stop)
  t.after(never.stop)

  const blockedUntil = performance.now() + 100
  while (performance.now() < blockedUntil);

  assert.throws(() => shedding.admit(request('GET')), { code: 'overloaded' })
  never.admit(request('GET'))
  // The ticks that are due come before any other timer.
  await wait(1)
  shedding.admit(request('GET'))
})

test('while as many as may be are worked on, others are refused at once; probes and streams never', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_REQUESTS_AT_ONCE: '1' } })
  const ada = await desk.person()
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  const { promise: blocked, resolve: free } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  t.mock.method(connection, 'query', async (sql: string, values: readonly unknown[]) => {
    if (/from .tickets/.test(sql)) {
      begin()
      await blocked
    }
    return query(sql, values)
  })

  const first = ada.get('/v1/tickets')
  await begun
  const refused = await ada.get('/v1/me')
  const [ready, stream] = [await desk.anyone.get('/readyz'), await ada.get('/v1/stream?topics=me')]
  free()
  const answered = await first
  const after = await ada.get('/v1/me')

  assert.deepEqual([refused.status, refused.body.code], [503, 'overloaded'])
  assert.match(refused.headers['retry-after'] ?? '', /^[123]$/)
  assert.deepEqual([ready.status, stream.status, answered.status, after.status], [200, 200, 200, 200])
})

test('a database tells for how long who is next has waited for his turn to write', async (t) => {
  const { address } = await freshDatabase()
  const database = await openDatabase(address, { poolSize: 2, log: quiet })
  t.after(() => database.close())
  const { promise: held, resolve: free } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const first = database.write(async () => {
    begin()
    await held
  })
  await begun

  const before = database.waits().write_ms
  const second = database.write(async () => {})
  await wait(5)
  const meanwhile = database.waits().write_ms
  free()
  await Promise.all([first, second])

  assert.equal(before, 0)
  assert.ok(meanwhile > 0)
  assert.equal(database.waits().write_ms, 0)
})
