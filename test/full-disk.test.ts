import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionOf } from '../src/platform/database/connection.ts'
import { type Desk, openDesk } from './desk.ts'

/** Leaves the database no room for another ticket; what it answers gives it back. The errors are those of the engines themselves. */
async function fillUp({ database }: Desk): Promise<() => Promise<void>> {
  const run = (sql: string) => database.write((db) => connectionOf(db).query(sql, []))
  if (database.engine === 'sqlite') {
    const { rows } = await run('pragma page_count')
    await run(`pragma max_page_count = ${Number(rows[0]?.page_count)}`)
    return async () => void (await run('pragma max_page_count = 1000000'))
  }
  const signal =
    "signal sqlstate 'HY000' set mysql_errno = 1021, message_text = 'Disk full (/tmp); waiting for someone to free some space'"
  await run(`create trigger tickets_full before insert on tickets for each row ${signal}`)
  return async () => void (await run('drop trigger tickets_full'))
}

test('while the disk of the database is full it is said so, what is there can be read, and it goes on by itself', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { body: before } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  const raise = () =>
    ada.post('/v1/tickets', { subject: 'Long story', body: 'x '.repeat(100_000) }, { 'idempotency-key': 'once' })
  await desk.settle()
  await desk.announcements()

  const makeRoom = await fillUp(desk)
  const refused = await raise()
  const read = await ada.get(`/v1/tickets/${before.id}`)
  const ready = await desk.anyone.get('/readyz')
  await desk.announced([])
  await makeRoom()
  const raised = await raise()

  assert.deepEqual([refused.status, refused.body.code], [507, 'database_full'])
  assert.equal(read.status, 200)
  assert.equal(ready.status, 200)
  assert.equal(raised.status, 201)
  await desk.announced(['ticket.created', 'message.created'])
  const line = desk
    .logged()
    .split('\n')
    .find((text) => text.includes(String(refused.headers['request-id'])) && text.includes('"level":50'))
  assert.match(line ?? '', /"code":"database_full".*"reason":".*full.*"msg":"request failed"/)
})
