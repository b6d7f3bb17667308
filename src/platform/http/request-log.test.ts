import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { freshDatabase } from '../../../test/engine.ts'
import { connectionOf } from '../database/connection.ts'
import { openDatabase } from '../database/open.ts'
import { createLog } from '../log.ts'
import { serve } from '../serving.ts'

type Line = Record<string, unknown>

/** What a desk has logged with this message. */
function linesOf(desk: { logged(): string }, ...messages: string[]): Line[] {
  const lines = desk.logged().split('\n').filter(Boolean)
  return lines.map((text) => JSON.parse(text) as Line).filter(({ msg }) => messages.includes(String(msg)))
}

test('what probes ask is told once, and again when the answer changes, with how often it was asked meanwhile', async (t) => {
  const desk = await openDesk(t)

  for (let i = 0; i < 5; i++) await desk.anyone.get('/readyz')
  await desk.anyone.get('/livez')
  desk.app.retire()
  for (let i = 0; i < 3; i++) await desk.anyone.get('/readyz')

  const told = linesOf(desk, 'request').map(({ route, status, repeated }) => [route, status, repeated])
  assert.deepEqual(told, [
    ['/readyz', 200, undefined],
    ['/livez', 200, undefined],
    ['/readyz', 503, 4],
  ])
})

test('a request that takes long is a warning', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_SLOW_REQUEST_MS: '1' } })
  const quick = await openDesk(t, { apart: true, env: { BECKON_SLOW_REQUEST_MS: '0' } })
  const registration = { email: 'ada@example.com', password: 'seven green umbrellas', name: 'Ada' }

  for (const { anyone } of [desk, quick]) await anyone.post('/v1/auth/register', registration)

  const [slow] = linesOf(desk, 'slow request')
  assert.deepEqual([slow?.route, slow?.status, slow?.level], ['/v1/auth/register', 202, 40])
  assert.deepEqual(linesOf(quick, 'slow request'), [])
})

test('a statement that takes long is told by its text, without values, and with its request', async (t) => {
  const lines: string[] = []
  const log = createLog({ level: 'warn', format: 'json', destination: { write: (line: string) => void lines.push(line) } })
  const { address } = await freshDatabase()
  const database = await openDatabase(address, { poolSize: 2, log, slowQueryMs: 5 })
  t.after(() => database.close())
  // Counts for far longer than the threshold, on any engine.
  const counting =
    'with recursive numbers as (select 1 as n union all select n + 1 from numbers where n < ?) select count(*) as rows_counted from numbers a, numbers b'

  await serve('req_1', () => connectionOf(database.reader).query(counting, [999]))

  const slow = lines.map((line) => JSON.parse(line) as Line).filter(({ sql }) => sql === counting)
  assert.deepEqual(
    slow.map(({ msg, request_id, level }) => [msg, request_id, level]),
    [['slow query', 'req_1', 40]],
  )
})

test('a request that fails is one line, with all that is needed to find it', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const rename = (from: string, to: string) =>
    desk.database.write((db) => connectionOf(db).query(`alter table ${from} rename to ${to}`, []))
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })

  await rename('messages', 'messages_away')
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const reply = await ada.get(`/v1/tickets/${ticket.id}/messages`, { traceparent })
  await rename('messages_away', 'messages')

  assert.equal(reply.status, 500)
  const lines = linesOf(desk, 'request failed', 'request', 'internal_error').filter(
    ({ request_id }) => request_id === reply.headers['request-id'],
  )
  assert.equal(lines.length, 1)
  const { level, method, route, params, status, code, actor_id, trace_id, err } = lines[0] ?? {}
  assert.deepEqual(
    { level, method, route, params, status, code, actor_id, trace_id },
    {
      level: 50,
      method: 'GET',
      route: '/v1/tickets/:ticket/messages',
      params: { ticket: ticket.id },
      status: 500,
      code: 'internal_error',
      actor_id: ada.id,
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    },
  )
  assert.match(String((err as Line).stack), /messages/)
})

test('a refusal is told by its code', async (t) => {
  const desk = await openDesk(t)

  await desk.anyone.get('/v1/tickets')

  assert.deepEqual(
    linesOf(desk, 'request').map(({ status, code }) => [status, code]),
    [[401, 'unauthenticated']],
  )
})
