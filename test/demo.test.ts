import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Cast } from '../src/cli/demo/desk.ts'
import { openDemoDesk } from '../src/cli/demo/desk.ts'
import { fillDesk } from '../src/cli/demo/fill.ts'
import { goOnLive, type Seen } from '../src/cli/demo/live.ts'
import { demoIn, requireRoom } from '../src/cli/demo/may-fill.ts'
import { findDemo, removeDemo } from '../src/cli/demo/remove.ts'
import { letSignIn } from '../src/cli/demo/sign-in.ts'
import { showProgress } from '../src/cli/progress.ts'
import { connectionOf } from '../src/platform/database/connection.ts'
import { createLog } from '../src/platform/log.ts'
import { type Desk, type Json, openDesk, type Reply } from './desk.ts'

const quiet = createLog({ level: 'silent', format: 'json' })
// So many are enough where it is about something else.
const FEW = 40
const progress = (total: number) => showProgress('', total, { screen: { isTTY: false, write: () => {} } })

/** Every row of every table but what the full text keeps for itself; what only counts up stands aside. */
async function everyRow(desk: Desk): Promise<{ tables: Record<string, string[]>; counters: Json }> {
  const isMysql = connectionOf(desk.database.reader).engine === 'mysql'
  const names: string[] = (
    await desk.query(
      isMysql
        ? 'select table_name as name from information_schema.tables where table_schema = database()'
        : "select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'ticket_search%' or name = 'ticket_search_documents'",
    )
  ).map(({ name }) => name)
  const tables: Record<string, string[]> = {}
  for (const name of names.toSorted())
    tables[name] = (await desk.query(`select * from ${name}`)).map((row) => JSON.stringify(row)).toSorted()
  const counters = { log_head: tables.log_head, ticket_numbers: isMysql ? [] : tables.ticket_numbers }
  delete tables.log_head
  if (!isMysql) delete tables.ticket_numbers
  return { tables, counters }
}

/** A desk on which people work, with something in every corner that the demo touches. */
async function busyDesk(t: TestContext) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin', name: 'Ada Admin' })
  const [agent, mia] = [await desk.person({ role: 'agent' }), await desk.person({ name: 'Mia' })]
  const team = (await admin.post('/v1/teams', { name: 'First line' })).body
  await done(admin.put(`/v1/teams/${team.id}/members/${agent.id}`))
  const queue = (await admin.post('/v1/queues', { key: 'sales', name: 'Sales', public: true })).body
  const category = (await admin.post('/v1/categories', { name: 'Delivery' })).body
  const ticket = (await mia.post('/v1/tickets', { subject: 'No toner', body: 'Magenta.', queue_id: queue.id })).body
  await done(agent.patch(`/v1/tickets/${ticket.id}`, { assignee_id: agent.id, category_id: category.id }))
  await done(agent.post(`/v1/tickets/${ticket.id}/tags`, { tags: ['parcel'] }))
  await done(agent.post(`/v1/tickets/${ticket.id}/messages`, { body: 'On its way.' }))
  await done(agent.post(`/v1/tickets/${ticket.id}/messages`, { body: 'A note.', visibility: 'internal' }))
  await done(mia.put(`/v1/tickets/${ticket.id}/read`, {}))
  await done(agent.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' }))
  await done(agent.put(`/v1/tickets/${ticket.id}/draft`, { body: 'Dear …' }))
  await done(agent.post('/v1/views', { name: 'Mine', filters: { assignee_id: 'me' } }))
  await desk.settle()
  return { desk, admin, agent, mia, ticket, queue }
}

/** What was asked for was done. */
async function done(asked: Promise<Reply>): Promise<void> {
  const { status, text } = await asked
  assert.ok(status < 300, text)
}

async function fill(desk: Desk, tickets?: number): Promise<Cast> {
  const demo = openDemoDesk(desk.database, quiet)
  const { cast } = await fillDesk(demo, { now: desk.clock.now(), progress, ...(tickets ? { tickets } : {}) })
  await demo.close()
  // By then every node knows of the new queues.
  desk.clock.advance(1000)
  return cast
}

test('the demo brings people, tickets in four languages and every state, and takes out exactly that', async (t) => {
  const { desk, admin } = await busyDesk(t)
  const before = await everyRow(desk)
  const mailsBefore = (await desk.mails()).length

  await fill(desk)
  await desk.settle()

  const { users, tickets } = await findDemo(desk.database.reader)
  assert.equal(await demoIn(desk.database.reader), 'whole')
  assert.deepEqual([tickets.length, users.length], [200, 43])
  const { body: list } = await admin.get('/v1/tickets?limit=100&include=total&sort=created_at')
  assert.equal(list.total, 201)
  const counted = async (sql: string): Promise<Record<string, number>> =>
    Object.fromEntries((await desk.query(sql)).map(({ name, n }) => [name, Number(n)]))
  const states = await counted('select status as name, count(*) as n from tickets group by status')
  assert.deepEqual(Object.keys(states).toSorted(), ['closed', 'new', 'on_hold', 'open', 'pending', 'solved'])
  const languages = await counted(
    'select users.locale as name, count(*) as n from tickets join users on users.id = requester_id where users.locale is not null group by users.locale',
  )
  assert.deepEqual(languages, { de: 50, en: 50, es: 50, fr: 50 })
  const sides = await counted('select visibility as name, count(*) as n from messages group by visibility')
  assert.ok((sides.internal ?? 0) > 50 && (sides.public ?? 0) > 500)
  const [{ first, last }] = await desk.query(
    'select min(created_at) as first, max(created_at) as last from tickets where number > 1001',
  )
  assert.ok(desk.clock.now() - Number(first) > 29 * 86_400_000 && Number(last) < desk.clock.now())
  assert.equal((await desk.mails()).length, mailsBefore)

  await removeDemo(desk.app, { progress, tellingMs: 0 })

  const after = await everyRow(desk)
  for (const [name, rows] of Object.entries(before.tables)) assert.deepEqual(after.tables[name], rows, name)
  assert.deepEqual(Object.keys(after.tables), Object.keys(before.tables))
  assert.equal(await demoIn(desk.database.reader), 'absent')
})

test('nobody gets mail by it, whatever people and the demo do with each other', async (t) => {
  const { desk, agent, admin } = await busyDesk(t)
  await agent.patch('/v1/me/notifications', { new_tickets: 'at_once' })
  const cast = await fill(desk, FEW)
  const [mine] = (await admin.get('/v1/tickets?status=new&limit=1')).body.data
  const mailsBefore = (await desk.mails()).length

  // A real agent answers a ticket of the demo, and the people of the demo go on.
  assert.equal((await agent.post(`/v1/tickets/${mine.id}/messages`, { body: 'I look at it.' })).status, 201)
  await converse(desk, cast, { from: 200, until: 12 })
  await desk.settle()

  assert.equal((await desk.mails()).length, mailsBefore)
  const left = await desk.query(
    "select state, count(*) as n from outbound_mails where to_address like '%.example' group by state",
  )
  assert.deepEqual(
    left.map(({ state, n }) => [state, Number(n)]),
    [['suppressed', 1]],
  )
})

test('a conversation goes on live: raised, taken, answered and solved, at the moment at which it happens', async (t) => {
  const { desk } = await busyDesk(t)
  const cast = await fill(desk, FEW)
  await desk.announcements()

  const seen = await converse(desk, cast, { from: 200, until: 15 })

  assert.equal(seen.length, 15)
  const types = new Set((await desk.announcements()).map(({ type }) => type))
  for (const type of ['ticket.created', 'ticket.assigned', 'message.created', 'ticket.tagged']) assert.ok(types.has(type), type)
  const [{ at }] = await desk.query('select max(created_at) as at from tickets')
  assert.equal(Number(at), desk.clock.now())
  assert.ok(seen.some(({ who, what }) => who === 'Lena Fischer' && what === '(takes the ticket)'))
})

test('what is not of the demo holds it back, in words that say how to loosen it, and nothing is removed', async (t) => {
  const { desk, admin, mia } = await busyDesk(t)
  const cast = await fill(desk, FEW)
  const [orders, lena] = [cast.queues.get('orders'), cast.users.get('lena.fischer')]
  const { body: ticket } = await mia.post('/v1/tickets', { subject: 'Mine', body: 'Where is it?', queue_id: orders })
  await admin.patch(`/v1/tickets/${ticket.id}`, { assignee_id: lena })
  const { body: given } = await mia.post('/v1/tickets', { subject: 'Given away', body: 'To Emily.' })
  await done(admin.patch(`/v1/tickets/${given.id}`, { requester_id: cast.users.get('emily.carter') }))
  await desk.settle()
  const before = await everyRow(desk)

  await assert.rejects(removeDemo(desk.app, { progress, tellingMs: 0 }), (error: Error) => {
    assert.match(error.message, new RegExp(`ticket #${ticket.number} is in a queue of the demo: move it`))
    assert.match(error.message, new RegExp(`ticket #${ticket.number} is an agent's of the demo: assign it`))
    assert.match(error.message, new RegExp(`ticket #${given.number} was not raised by the demo: give it`))
    return true
  })
  assert.deepEqual(await everyRow(desk), before)

  await admin.patch(`/v1/tickets/${ticket.id}`, {
    assignee_id: null,
    queue_id: (await desk.query('select default_queue_id from settings'))[0].default_queue_id,
  })
  await done(admin.patch(`/v1/tickets/${given.id}`, { requester_id: mia.id }))
  const { tickets } = await removeDemo(desk.app, { progress, tellingMs: 0 })
  assert.equal(tickets, FEW)
  assert.equal((await mia.get(`/v1/tickets/${ticket.id}`)).status, 200)
})

test('a demo that was cut off is known as such, and taken out all the same', async (t) => {
  const { desk } = await busyDesk(t)
  const before = await everyRow(desk)
  await fill(desk, 3)

  assert.equal(await demoIn(desk.database.reader), 'cut off')
  await removeDemo(desk.app, { progress, tellingMs: 0 })

  assert.deepEqual((await everyRow(desk)).tables, before.tables)
})

test('what its people did meanwhile, and what others wrote in its tickets, goes with it', async (t) => {
  const { desk, agent, admin } = await busyDesk(t)
  const before = await everyRow(desk)
  const cast = await fill(desk, FEW)
  const demo = openDemoDesk(desk.database, quiet)
  const { password, requester } = await letSignIn(demo.at(desk.clock.now()), cast)
  await demo.close()
  const login = await desk.anyone.post('/v1/auth/login', { email: requester, password })
  const emily = desk.bearer(login.body.access_token)
  const { body: raised } = await emily.post(
    '/v1/tickets',
    { subject: 'One more', body: 'Hello' },
    { 'Idempotency-Key': 'one-more' },
  )
  await done(emily.put(`/v1/tickets/${raised.id}/draft`, { body: 'And …' }))
  const [other] = (await admin.get('/v1/tickets?status=open&limit=1')).body.data
  await done(admin.post(`/v1/tickets/${other.id}/messages`, { body: 'Seen.' }))
  await done(admin.put(`/v1/tickets/${other.id}/read`, {}))
  await done(admin.post(`/v1/tickets/${raised.id}/links`, { kind: 'related', ticket_id: other.id }))
  await done(admin.post(`/v1/tickets/${raised.id}/merge`, { into_ticket_id: other.id }))
  await desk.settle()

  const { others_messages, tickets } = await removeDemo(desk.app, { progress, tellingMs: 0 })

  assert.deepEqual([others_messages > 0, tickets], [true, FEW + 1])
  const after = await everyRow(desk)
  for (const [name, rows] of Object.entries(before.tables)) assert.deepEqual(after.tables[name], rows, name)
  assert.equal((await emily.get('/v1/me')).status, 401)
  assert.equal((await agent.get('/v1/me')).status, 200)
})

test('a desk with real people, or with rules that move tickets, is refused', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin', email: 'boss@acme.com' })
  await desk.person({ email: 'tester@example.com' })
  const room = (isAllowed = false) => requireRoom(desk.database.reader, { isAllowed })

  await room()
  await desk.person({ email: 'mia@acme.com' })
  await assert.rejects(room(), /real people on this desk \(mia@acme\.com\)[\s\S]*--among-real-people/)
  await room(true)
  await admin.post('/v1/routing-rules', { name: 'All', conditions: {}, actions: { priority: 'high' } })
  await assert.rejects(room(true), /routing rules/)
})

/** Has the people of the demo go on until so many things have happened. */
async function converse(desk: Desk, cast: Cast, { from, until }: { from: number; until: number }): Promise<Seen[]> {
  const demo = openDemoDesk(desk.database, quiet)
  const stop = new AbortController()
  const seen: Seen[] = []
  const onSeen = (one: Seen): void => {
    if (seen.push(one) === until) stop.abort()
  }
  await goOnLive(demo, { cast, clock: desk.clock, from, paceSeconds: 0, signal: stop.signal, onSeen })
  await demo.close()
  return seen
}
