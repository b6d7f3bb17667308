import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type TestContext, test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { listen } from '../../../test/listener.ts'
import { type Actor, systemActor } from '../../platform/actor.ts'
import { connectionOf } from '../../platform/database/connection.ts'
import { insertRows } from '../../platform/database/prepared.ts'
import { newId } from '../../platform/ids.ts'
import { createLog } from '../../platform/log.ts'
import { DatabaseAway } from '../../platform/problems.ts'
import type { SessionRow } from '../accounts/tables.ts'
import type { UserRow } from '../directory/tables.ts'
import { createHub } from './hub.ts'
import type { Peer } from './live.ts'

interface World {
  desk: Desk
  admin: Person
  agent: Person
  ada: Person
  /** A queue of the agent's team, and its ticket that Ada raised. */
  queue: Json
  team: Json
  ticket: Json
}

async function openWorld(t: TestContext): Promise<World> {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const [agent, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const team = (await admin.post('/v1/teams', { name: 'First line' })).body
  await admin.put(`/v1/teams/${team.id}/members/${agent.id}`)
  const queue = (await admin.post('/v1/queues', { key: 'billing', name: 'Billing', public: true, team_ids: [team.id] })).body
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.', queue_id: queue.id })
  await desk.announcements()
  return { desk, admin, agent, ada, queue, team, ticket }
}

const say = (who: Person, ticket: Json, body: string, visibility = 'public') =>
  who.post(`/v1/tickets/${ticket.id}/messages`, { body, ...(visibility === 'public' ? {} : { visibility }) })

const headOf = async (desk: Desk): Promise<number> => Number((await desk.query('select position from log_head'))[0].position)

test('who listens to a ticket is told what happens as the log shows it to him, and each side its own', async (t) => {
  const { desk, agent, ada, ticket } = await openWorld(t)
  const after = await headOf(desk)
  const topics = [`ticket:${ticket.number}`]
  const [staff, requester] = [await listen(desk, agent.token, { topics }), await listen(desk, ada.token, { topics })]

  await say(ada, ticket, 'Still.')
  await say(agent, ticket, 'CANARY', 'internal')
  await agent.patch(`/v1/tickets/${ticket.id}`, { status: 'solved', assignee_id: agent.id })
  await desk.settle()

  for (const [who, listener] of [
    [agent, staff],
    [ada, requester],
  ] as const) {
    const { body } = await who.get(`/v1/events?after=${after}&include=object,ticket&limit=100`)
    const [ready, ...told] = listener.frames
    assert.deepEqual(ready, { type: 'ready', position: after, topics: [`ticket:${ticket.id}`] })
    assert.deepEqual(
      told.map(({ event }) => [event.position, event.type, event.subject]),
      body.data.map((event: Json) => [event.position, event.type, event.subject]),
    )
    assert.deepEqual(told.at(-1).event, body.data.at(-1))
  }
  assert.deepEqual(staff.types(), ['message.created', 'message.created', 'ticket.assigned', 'ticket.status_changed'])
  assert.deepEqual(requester.types(), ['message.created', 'ticket.status_changed'])
  assert.ok(staff.text().includes('CANARY'))
  assert.ok(!requester.text().includes('CANARY'))
})

test('a topic that is hidden or missing is 404, and nothing of it is heard', async (t) => {
  const { desk, admin, ada, agent, ticket, queue } = await openWorld(t)
  const stranger = await desk.person()
  const hidden = (await admin.post('/v1/queues', { key: 'inner', name: 'Inner' })).body
  const view = (await agent.post('/v1/views', { name: 'Mine', filters: { assignee_id: 'me' } })).body
  await admin.patch(`/v1/queues/${hidden.id}`, { archived: true })

  const refused = async (who: Person, topic: string) =>
    assert.rejects(listen(desk, who.token, { topics: ['me', topic] }), { code: 'not_found' }, `${who.role} ${topic}`)
  await refused(stranger, `ticket:${ticket.id}`)
  await refused(stranger, `ticket:${ticket.number}`)
  await refused(ada, `queue:${hidden.id}`)
  await refused(agent, `queue:${hidden.id}`)
  await refused(ada, `view:${view.id}`)
  await refused(admin, `view:${view.id}`)
  await refused(ada, 'ticket:ext:nothing')
  const listener = await listen(desk, stranger.token, { topics: [`queue:${queue.id}`, 'me', 'all'] })
  await say(ada, ticket, 'Still.')
  await desk.settle()

  assert.deepEqual(listener.types(), [])
})

test('what was missed is told from the cursor on, once, and then what happens', async (t) => {
  const { desk, ada, agent, ticket } = await openWorld(t)
  const after = await headOf(desk)
  await say(ada, ticket, 'One.')
  await say(agent, ticket, 'Two.')
  await desk.settle()

  const listener = await listen(desk, ada.token, { topics: ['me'], after })
  await say(ada, ticket, 'Three.')
  await desk.settle()

  const bodies = listener.frames.flatMap(({ event }) => (event?.type === 'message.created' ? event.object.body : []))
  assert.deepEqual(bodies, ['One.', 'Two.', 'Three.'])
  assert.deepEqual(listener.frames[0], { type: 'ready', position: after, topics: ['me'] })
})

test('topics can be added and taken away, and each event comes once', async (t) => {
  const { desk, ada, agent, ticket, queue } = await openWorld(t)
  const listener = await listen(desk, agent.token, { topics: [`queue:${queue.id}`] })
  await listener.subscribe([`ticket:${ticket.number}`, 'all', 'me'])
  await say(ada, ticket, 'One.')
  await desk.settle()
  assert.equal(listener.types().length, 1)

  const heard = listener.line.unsubscribe([
    { kind: 'queue', id: queue.id },
    { kind: 'ticket', id: String(ticket.number) },
    { kind: 'all' },
  ])
  await say(ada, ticket, 'Two.')
  await desk.settle()

  assert.deepEqual(heard.topics, [{ kind: 'me' }])
  assert.equal(listener.types().length, 1)
  const many = Array.from({ length: 100 }, () => 'all')
  await listener.subscribe(many)
  const others: string[] = []
  for (let i = 0; i < 99; i++)
    others.push(`ticket:${(await ada.post('/v1/tickets', { subject: `T${i}`, body: 'B', queue_id: queue.id })).body.id}`)
  await assert.rejects(listener.subscribe(others), { code: 'validation_failed' })
  assert.deepEqual(listener.line.topics, [{ kind: 'me' }, { kind: 'all' }])
})

test('a topic that is added far behind is heard from there on, beside tickets', async (t) => {
  const { desk, ada, agent, ticket, queue } = await openWorld(t)
  const after = await headOf(desk)
  const { body: other } = await ada.post('/v1/tickets', { subject: 'Scanner', body: 'B', queue_id: queue.id })
  await desk.settle()
  // Positions may have gaps: as if much had happened since.
  await desk.database.write((db) =>
    db
      .updateTable('log_head')
      .set(({ eb }) => ({ position: eb('position', '+', 1000) }))
      .execute(),
  )
  await desk.settle()
  const listener = await listen(desk, agent.token, { topics: [`ticket:${ticket.id}`] })

  await listener.subscribe([`queue:${queue.id}`], after)
  await desk.settle()

  const heard = listener.frames.flatMap(({ event }) => (event?.ticket_id === other.id ? event.type : []))
  assert.ok(heard.includes('ticket.created'), 'nothing is passed over')
})

test('a message that is made internal is taken from the requester by its id alone', async (t) => {
  const { desk, ada, agent, ticket } = await openWorld(t)
  const listener = await listen(desk, ada.token, { topics: [`ticket:${ticket.id}`] })
  const { body: message } = await say(agent, ticket, 'Was meant for you.')
  await desk.settle()
  const before = listener.frames.length

  await agent.patch(`/v1/tickets/${ticket.id}/messages/${message.id}`, { visibility: 'internal' })
  await desk.settle()

  const [told, ...more] = listener.frames.slice(before)
  assert.deepEqual(more, [])
  assert.deepEqual([told.event.type, told.event.data, told.event.object], ['message.withdrawn', { message_id: message.id }, null])
  const late = await listen(desk, ada.token, { topics: [`ticket:${ticket.id}`], after: 0 })
  await desk.settle()
  assert.ok(late.types().includes('message.withdrawn'))
  assert.ok(!late.text().includes('Was meant for you.'))
})

test('a ticket that goes out of a topic, or out of sight, has left it: live, and read from the log', async (t) => {
  const { desk, admin, agent, ada, ticket, queue, team } = await openWorld(t)
  const other = (await admin.post('/v1/queues', { key: 'other', name: 'Other', team_ids: [] })).body
  const alien = (await admin.post('/v1/teams', { name: 'Second line' })).body
  const hidden = (await admin.post('/v1/queues', { key: 'hidden', name: 'Hidden', team_ids: [alien.id] })).body
  const view = (
    await admin.post('/v1/views', { name: 'Billing', filters: { queue_id: queue.id }, visibility: 'team', team_id: team.id })
  ).body
  await desk.settle()
  const after = await headOf(desk)
  const topics = [`queue:${queue.id}`, `view:${view.id}`, 'all', 'me']
  const live = await listen(desk, agent.token, { topics })
  const requester = await listen(desk, ada.token, { topics: ['me', `queue:${queue.id}`] })
  const lefts = (frames: Json[]) =>
    frames.flatMap((frame) =>
      frame.type === 'left' ? [[frame.ticket_id, frame.topics.map((name: string) => name.split(':', 1)[0])]] : [],
    )

  await admin.patch(`/v1/tickets/${ticket.id}`, { queue_id: other.id })
  await desk.settle()
  assert.deepEqual(lefts(live.frames), [[ticket.id, ['queue', 'view']]])
  assert.deepEqual(live.types(), ['ticket.updated'])
  assert.deepEqual(lefts(requester.frames), [[ticket.id, ['queue']]])
  const [, left, event] = live.frames
  assert.equal(left.position, event.event.position - 1)

  await admin.patch(`/v1/tickets/${ticket.id}`, { queue_id: hidden.id })
  await desk.settle()
  assert.deepEqual(lefts(live.frames).at(-1), [ticket.id, ['view', 'all']])
  assert.deepEqual(live.types(), ['ticket.updated'])
  assert.equal(requester.types().length, 2)

  await admin.delete(`/v1/tickets/${ticket.id}`)
  await desk.settle()
  assert.deepEqual(lefts(requester.frames).at(-1), [ticket.id, ['me']])
  assert.equal(requester.types().at(-1), 'ticket.deleted')
  assert.equal(lefts(live.frames).length, 2)
  const late = await listen(desk, agent.token, { topics, after })
  await desk.settle()
  assert.deepEqual(late.types(), [])
  assert.ok(lefts(late.frames).some(([id, names]) => id === ticket.id && names.includes('queue')))
})

test('a ticket that somebody sees from another side than before leaves and comes again, so that he holds nothing that is not his', async (t) => {
  const { desk, admin, agent, ticket } = await openWorld(t)
  const hidden = (await admin.post('/v1/queues', { key: 'hidden', name: 'Hidden', team_ids: [] })).body
  const alien = (await admin.post('/v1/teams', { name: 'Second line' })).body
  await admin.patch(`/v1/queues/${hidden.id}`, { team_ids: [alien.id] })
  assert.equal((await admin.put(`/v1/tickets/${ticket.id}/participants/${agent.id}`, { role: 'cc' })).status, 200)
  await desk.settle()
  const listener = await listen(desk, agent.token, { topics: [`ticket:${ticket.id}`, 'me'] })
  const again = () => listener.frames.splice(0).flatMap((frame) => (frame.type === 'left' ? [frame.again] : [frame.event?.type]))
  again()

  await admin.patch(`/v1/tickets/${ticket.id}`, { queue_id: hidden.id })
  await desk.settle()
  assert.deepEqual(again(), [true, 'ticket.updated'])

  await admin.patch(`/v1/tickets/${ticket.id}`, { assignee_id: agent.id })
  await desk.settle()
  assert.deepEqual(again(), [true, 'ticket.assigned', 'ticket.status_changed'])

  await admin.patch(`/v1/tickets/${ticket.id}`, { assignee_id: null })
  await desk.settle()
  assert.deepEqual(again(), [true])

  await admin.delete(`/v1/tickets/${ticket.id}/participants/${agent.id}`)
  await desk.settle()
  assert.deepEqual(again(), [false])
})

test('who loses a team is told so before anything else, and hears of its tickets no more', async (t) => {
  const { desk, admin, agent, ada, ticket, queue, team } = await openWorld(t)
  const listener = await listen(desk, agent.token, { topics: [`queue:${queue.id}`, `ticket:${ticket.id}`, 'all'] })
  await desk.settle()

  await admin.delete(`/v1/teams/${team.id}/members/${agent.id}`)
  await say(ada, ticket, 'CANARY')
  await desk.settle()

  const [, unsubscribed, reset, ...more] = listener.frames
  assert.deepEqual(unsubscribed, { type: 'unsubscribed', topics: [`ticket:${ticket.id}`], reason: 'gone' })
  assert.deepEqual([reset.type, reset.reason], ['reset', 'rights_changed'])
  assert.deepEqual(more, [])
  assert.ok(!listener.text().includes('CANARY'))
})

test('who lost a team while he was away is told to read anew when he comes back, and who begins with the log is not', async (t) => {
  const { desk, admin, agent, ada, team, ticket } = await openWorld(t)
  await desk.settle()
  const after = await headOf(desk)
  await admin.delete(`/v1/teams/${team.id}/members/${agent.id}`)
  await say(ada, ticket, 'Still.')
  await desk.settle()

  const back = await listen(desk, agent.token, { topics: ['all'], after })
  const fresh = await listen(desk, agent.token, { topics: ['all'], after: 0 })
  const other = await listen(desk, ada.token, { topics: ['all'], after })
  await desk.settle()

  assert.deepEqual(back.frames.slice(1), [{ type: 'reset', reason: 'rights_changed', position: after }])
  assert.deepEqual(fresh.frames.slice(1), [])
  assert.deepEqual(other.types(), ['message.created'])
  assert.ok(!other.text().includes('reset'))
})

test('a session or key that ends ends its streams, and so does an account that is switched off', async (t) => {
  const { desk, admin, agent, ada, ticket } = await openWorld(t)
  const key = (await admin.post('/v1/api-keys', { name: 'Sync', role: 'admin', scopes: ['*'] })).body
  const topics = ['all']
  const listeners = {
    session: await listen(desk, agent.token, { topics }),
    key: await listen(desk, key.secret, { topics }),
    account: await listen(desk, ada.token, { topics }),
    other: await listen(desk, admin.token, { topics }),
  }

  await agent.delete(`/v1/me/sessions/${agent.session_id}`)
  await admin.delete(`/v1/api-keys/${key.id}`)
  await admin.patch(`/v1/users/${ada.id}`, { active: false })
  await say(admin, ticket, 'CANARY')
  await desk.settle()

  const reasons = Object.entries(listeners).map(([name, listener]) => [
    name,
    listener.ended(),
    listener.text().includes('CANARY'),
  ])
  assert.deepEqual(reasons, [
    ['session', 'signed_out', false],
    ['key', 'signed_out', false],
    ['account', 'signed_out', false],
    ['other', undefined, true],
  ])
  assert.equal(desk.app.hub.count().connections, 1)
})

test('a session that runs out by itself ends its stream within two seconds', async (t) => {
  const { desk, ada } = await openWorld(t)
  const listener = await listen(desk, ada.token, { topics: ['me'] })
  await desk.settle()
  assert.equal(listener.ended(), undefined)

  desk.clock.advance(desk.config.sessionDays * 86_400_000 + 2000)
  await desk.settle()

  assert.equal(listener.ended(), 'signed_out')
})

test('a queue that is archived, and a view that is changed or deleted, are heard no more', async (t) => {
  const { desk, admin, agent, ada, queue, ticket } = await openWorld(t)
  const [changed, renamed, deleted] = await Promise.all(
    ['A', 'B', 'C'].map(async (name) => (await agent.post('/v1/views', { name, filters: { status_category: 'new' } })).body),
  )
  const views = [changed, renamed, deleted].map(({ id }) => `view:${id}`)
  const [staff, requester] = [
    await listen(desk, agent.token, { topics: [...views, `queue:${queue.id}`] }),
    await listen(desk, ada.token, { topics: [`queue:${queue.id}`] }),
  ]

  await agent.patch(`/v1/views/${changed.id}`, { filters: { status_category: 'open' } })
  await agent.patch(`/v1/views/${renamed.id}`, { name: 'Better' })
  await agent.delete(`/v1/views/${deleted.id}`)
  await desk.settle()
  assert.deepEqual(
    staff.line.topics.map(({ kind }) => kind),
    ['view', 'queue'],
  )

  await admin.patch(`/v1/queues/${queue.id}`, { archived: true })
  await say(ada, ticket, 'Still.')
  await desk.settle()

  assert.deepEqual(requester.frames.at(-1), { type: 'unsubscribed', topics: [`queue:${queue.id}`], reason: 'gone' })
  assert.deepEqual(staff.line.topics, [{ kind: 'view', id: renamed.id }])
  assert.deepEqual(staff.types(), ['message.created'])
})

test('a peer that does not read is told nothing more, and everything when it reads again', async (t) => {
  const { desk, ada, agent, ticket } = await openWorld(t)
  const listener = await listen(desk, agent.token, { topics: ['all'] })
  listener.clog(100_000)
  for (let i = 0; i < 5; i++) await say(ada, ticket, `Message ${i}.`)
  await desk.settle()
  assert.deepEqual(listener.types(), [])

  listener.clog(0)
  await say(ada, ticket, 'Last.')
  await desk.settle()

  assert.equal(listener.types().length, 6)
  assert.equal(listener.line.position, await headOf(desk))
})

test('who is owed more than a megabyte, or does not read for half a minute, is let go; who is owed nothing stays', async (t) => {
  const { desk, ada, agent, ticket } = await openWorld(t)
  const [much, little, none] = [
    await listen(desk, agent.token, { topics: ['all'] }),
    await listen(desk, ada.token, { topics: ['me'] }),
    await listen(desk, (await desk.person()).token, { topics: ['me'] }),
  ]
  for (const listener of [much, none]) listener.clog(100_000)
  await say(ada, ticket, 'x'.repeat(60_000))
  for (let i = 0; i < 10; i++) await say(ada, ticket, 'y'.repeat(60_000))
  await desk.settle()
  assert.deepEqual([much.ended(), little.ended(), none.ended()], ['slow_reader', undefined, undefined])

  little.clog(100_000)
  await say(agent, ticket, 'Sorry.')
  await desk.settle()
  desk.clock.advance(29_000)
  await desk.settle()
  assert.equal(little.ended(), undefined)
  little.clog(90_000)
  await desk.settle()
  desk.clock.advance(29_000)
  await desk.settle()
  assert.equal(little.ended(), undefined)
  desk.clock.advance(1000)
  await desk.settle()

  assert.deepEqual([little.ended(), none.ended()], ['slow_reader', undefined])
})

test('a cursor that lies ahead of the log is told so, and what happens from now on', async (t) => {
  const { desk, ada, ticket } = await openWorld(t)
  const head = await headOf(desk)

  const listener = await listen(desk, ada.token, { topics: ['me'], after: head + 1000 })
  await say(ada, ticket, 'Still.')
  await desk.settle()

  const [ready, reset, ...told] = listener.frames
  assert.deepEqual(ready.position, head)
  assert.deepEqual(reset, { type: 'reset', reason: 'cursor_ahead', position: head })
  assert.deepEqual(
    told.map(({ event }) => event.type),
    ['message.created'],
  )
})

test('a cursor from before what is kept is told so; 0 is the oldest that is kept', async (t) => {
  const { desk, ada, ticket } = await openWorld(t)
  desk.clock.advance((desk.config.eventRetentionDays + 1) * 86_400_000)
  await desk.app.tidy()
  const floor = await headOf(desk)
  const token = (await desk.app.transact((tx) => desk.app.accounts.openSession(tx, ada.id))).access_token
  await desk.settle()

  const [old, oldest] = [
    await listen(desk, token, { topics: ['me'], after: 1 }),
    await listen(desk, token, { topics: ['me'], after: 0 }),
  ]
  await desk.bearer(token).post(`/v1/tickets/${ticket.id}/messages`, { body: 'Still.' })
  await desk.settle()

  assert.deepEqual(
    old.frames.map(({ type, reason }) => reason ?? type),
    ['ready', 'cursor_expired', 'event'],
  )
  assert.deepEqual([oldest.frames[0].position, oldest.types()], [floor, ['message.created']])
})

test('what passes by goes to who listens to the ticket, each side its own, and that he looks to nobody himself', async (t) => {
  const { desk, ada, agent, admin, ticket } = await openWorld(t)
  const topics = [`ticket:${ticket.id}`]
  const [own, staff, requester, all] = [
    await listen(desk, agent.token, { topics }),
    await listen(desk, admin.token, { topics }),
    await listen(desk, ada.token, { topics }),
    await listen(desk, admin.token, { topics: ['all'] }),
  ]
  const frame = (name: string) =>
    ({ type: 'presence', ticket_id: ticket.id, user: { id: agent.id, name }, active: true, expires_at: null }) as const
  const marks = { last_read_message_id: null, last_read_at: null, last_delivered_message_id: null }
  const read = { type: 'read', ticket_id: ticket.id, user: { id: agent.id, name: 'read' }, ...marks } as const

  desk.app.hub.pass(ticket.id, { staff: frame('inside'), requester: null })
  desk.app.hub.pass(ticket.id, { staff: frame('both'), requester: frame('outside') })
  desk.app.hub.pass(ticket.id, { staff: read, requester: null })
  await desk.settle()

  const names = [own, staff, requester, all].map(({ frames }) => frames.flatMap(({ user }) => user?.name ?? []))
  // That he has read something, his other devices want to know.
  assert.deepEqual(names, [['read'], ['inside', 'both', 'read'], ['outside'], []])
})

test('outside tickets an admin hears what his scopes show, and nobody else anything', async (t) => {
  const { desk, admin, agent, ada } = await openWorld(t)
  const key = (await admin.post('/v1/api-keys', { name: 'Log', role: 'admin', scopes: ['events:read', 'tickets:read'] })).body
  await desk.settle()
  const [whole, narrow, ...others] = [
    await listen(desk, admin.token, { topics: ['all', 'me'] }),
    await listen(desk, key.secret, { topics: ['all', 'me'] }),
    await listen(desk, agent.token, { topics: ['all', 'me'] }),
    await listen(desk, ada.token, { topics: ['all', 'me'] }),
    await listen(desk, admin.token, { topics: ['me'] }),
  ]

  const { body: organization } = await admin.post('/v1/organizations', { name: 'Acme' })
  await desk.settle()

  assert.deepEqual(whole.frames.at(-1).event.object, organization)
  assert.deepEqual([narrow.types(), narrow.frames.at(-1).event.object], [['organization.created'], null])
  for (const listener of others) assert.deepEqual(listener.types(), [])
})

test('there are as many connections as are allowed, on the node and for each caller', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_STREAMS_PER_NODE: '3', BECKON_STREAMS_PER_CALLER: '2' } })
  const [ada, bob] = [await desk.person(), await desk.person()]
  const open = (who: Person) => listen(desk, who.token, { topics: ['me'] })
  const [first] = [await open(ada), await open(ada)]

  await assert.rejects(open(ada), { code: 'too_many_streams' })
  await open(bob)
  await assert.rejects(open(bob), { code: 'node_full' })
  first.line.close()
  await open(bob)

  assert.equal(desk.app.hub.count().connections, 3)
})

test('what is committed is told at once, and not when the log is looked at next', async (t) => {
  // The log is not looked at by itself.
  t.mock.timers.enable({ apis: ['setInterval'] })
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })
  // On a server what was announced has its place in the log only a moment after its commit.
  await desk.settle()
  const listener = await listen(desk, ada.token, { topics: ['me'] })

  await say(ada, ticket, 'Still.')
  await listener.until(({ type, event }) => type === 'event' && event.object.body === 'Still.')

  assert.deepEqual(listener.types(), ['message.created'])
})

test('while the database is away nothing is told, and nothing is passed over', async (t) => {
  const { desk, ada, ticket } = await openWorld(t)
  const live = await listen(desk, ada.token, { topics: ['me'] })
  const behind = await listen(desk, ada.token, { topics: ['me'] })
  behind.clog(100_000)
  await say(ada, ticket, 'One.')
  await desk.settle()
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  let isAway = true
  t.mock.method(connection, 'query', (sql: string, values: readonly unknown[]) =>
    isAway && /^select \* from .?events/.test(sql) ? Promise.reject(DatabaseAway()) : query(sql, values),
  )
  behind.clog(0)
  await say(ada, ticket, 'Two.')
  await desk.app.hub.settle()
  assert.deepEqual([live.types().length, behind.types().length], [1, 0])

  isAway = false
  await desk.settle()

  assert.deepEqual(behind.types(), live.types())
  assert.equal(live.types().length, 2)
})

test('of an event that cannot be told its readers hear that they must read anew; others go on, and nobody hears it twice', async (t) => {
  const { desk, agent, ada, ticket } = await openWorld(t)
  const after = await headOf(desk)
  const { body: message } = await say(agent, ticket, 'Note.', 'internal')
  await say(agent, ticket, 'Answer.')
  await desk.settle()
  await desk.database.write((db) => db.updateTable('events').set({ data: '{' }).where('subject_id', '=', message.id).execute())
  const [{ position }] = await desk.query(`select position from events where subject_id = '${message.id}'`)

  const topics = [`ticket:${ticket.id}`]
  const [staff, requester] = [
    await listen(desk, agent.token, { topics, after }),
    await listen(desk, ada.token, { topics, after }),
  ]
  await desk.settle()

  assert.deepEqual(staff.frames[1], { type: 'reset', reason: 'event_failed', position: Number(position) })
  assert.deepEqual([staff.ended(), staff.types()], [undefined, requester.types()])
  assert.equal(requester.types()[0], 'message.created')
  assert.deepEqual(new Set(requester.frames.map(({ type }) => type)), new Set(['ready', 'event']))
  assert.equal(desk.logged().match(/an event could not be told/g)?.length, 1)
})

test('of an event that cannot even be looked at, everybody hears so, and of those around it as ever', async (t) => {
  const { desk, ada, agent, ticket } = await openWorld(t)
  const after = await headOf(desk)
  await say(ada, ticket, 'Before.')
  assert.equal((await agent.patch(`/v1/tickets/${ticket.id}`, { priority: 'high' })).status, 200)
  await say(ada, ticket, 'Behind.')
  await desk.settle()
  await desk.database.write((db) =>
    db
      .updateTable('events')
      .set({ previous: '{' })
      .where('type', '=', 'ticket.updated')
      .where('ticket_id', '=', ticket.id)
      .execute(),
  )

  const listener = await listen(desk, ada.token, { topics: ['me'], after })
  await desk.settle()

  const told = listener.frames.map(({ type, event, reason }) => reason ?? event?.object?.body ?? type)
  assert.deepEqual([listener.ended(), told], [undefined, ['ready', 'Before.', 'event_failed', 'Behind.']])
})

test('an event for ten thousand does not hold up anything else', async (t) => {
  const { desk, admin, ada, ticket } = await openWorld(t)
  const actor = await desk.app.accounts.authenticate(admin.token)
  let count = 0
  const peer = { send: () => void count++, pendingBytes: () => 0, atOnce: (work: () => void) => work(), end: () => {} }
  for (let i = 0; i < 10_000; i++) await desk.app.hub.open(peer, actor).subscribe([{ kind: 'all' }], { onHeard: () => {} })
  await desk.settle()
  const lag = monitorEventLoopDelay({ resolution: 1 })

  lag.enable()
  await say(ada, ticket, 'Still.')
  await desk.settle()
  lag.disable()

  assert.equal(count, 10_000)
  t.diagnostic(`the longest turn took ${Math.round(lag.max / 1e6)} ms`)
})

test('who listens to one ticket hears of it before those who are told much, and they miss nothing', async (t) => {
  const { desk, admin, ada, ticket } = await openWorld(t)
  const actor = await desk.app.accounts.authenticate(admin.token)
  const after = await headOf(desk)
  const crowd = Array.from({ length: 300 }, () => [] as number[])
  let toldOfCrowd = 0
  /** How many of the crowd had heard of a message when the ticket's listener did. */
  const before: number[] = []
  const peerOf = (hear: (position: number) => void): Peer => ({
    send: ({ type, position = 0 }) => type === 'event' && hear(position),
    pendingBytes: () => 0,
    atOnce: (work) => work(),
    end: () => {},
  })
  const open = async (peer: Peer, topics: Parameters<ReturnType<typeof desk.app.hub.open>['subscribe']>[0]) => {
    const line = desk.app.hub.open(peer, actor)
    await line.subscribe(topics, { onHeard: () => {} })
    return line
  }
  const lines = []
  for (const positions of crowd)
    lines.push(
      await open(
        peerOf((position) => {
          positions.push(position)
          toldOfCrowd++
          // As long as a network takes for a frame.
          const end = performance.now() + 0.05
          while (performance.now() < end);
        }),
        [{ kind: 'all' }],
      ),
    )
  await open(
    peerOf(() => before.push(toldOfCrowd)),
    [{ kind: 'ticket', id: ticket.id }],
  )
  await desk.settle()

  const messages = 12
  for (let i = 0; i < messages; i++) {
    await say(ada, ticket, `Message ${i}.`)
    await desk.settle()
  }
  // All at once: those who are told much have to read it from the log.
  desk.clock.advance(1000)
  toldOfCrowd = 0
  before.length = 0
  await Promise.all(Array.from({ length: messages }, (_, i) => say(ada, ticket, `Together ${i}.`)))
  await desk.settle()

  assert.equal(before.length, messages)
  assert.equal(before[0], 0)
  assert.ok((before.at(-1) ?? 0) < (messages * crowd.length) / 2, `the crowd had heard ${before.at(-1)} by then`)
  const positions = Array.from({ length: 2 * messages }, (_, i) => after + 1 + i)
  for (const heard of crowd) assert.deepEqual(heard, positions)
  for (const line of lines) assert.equal(line.position, after + 2 * messages)
})

/** So many people with a session each, who listen to what concerns them. */
async function fillWithPeople(desk: Desk, count: number) {
  const { people, sessions } = crowdOf(count)
  await desk.database.write(async (db) => {
    for (let at = 0; at < count; at += 500) {
      await insertRows(db, 'users', people.slice(at, at + 500))
      await insertRows(db, 'sessions', sessions.slice(at, at + 500))
    }
  })
  const ended: string[] = []
  for (const [i, { id: session_id, user_id: id }] of sessions.entries()) {
    const actor: Actor = { ...systemActor, type: 'user', id, role: 'requester', name: `Person ${i}`, session_id }
    const peer: Peer = {
      send: () => {},
      pendingBytes: () => 0,
      atOnce: (work: () => void) => work(),
      end: (reason) => void ended.push(`${id} ${reason}`),
    }
    await desk.app.hub.open(peer, actor).subscribe([{ kind: 'me' }], { onHeard: () => {} })
  }
  await desk.settle()
  return { sessions, ended }
}

function crowdOf(count: number): { people: UserRow[]; sessions: SessionRow[] } {
  const at = { created_at: 0, updated_at: 0, public_updated_at: 0, version: 1, public_version: 1 }
  const people = Array.from({ length: count }, (_, i): UserRow => {
    const email = `person${i}@example.org`
    const outside = {
      organization_id: null,
      organization_role: null,
      external_id: null,
      email_verified_at: null,
      locale: null,
      time_zone: null,
    }
    return {
      ...{ ...at, ...outside, id: newId('usr'), role: 'requester', name: `Person ${i}` },
      ...{ email, email_key: email, active: 1, metadata: '{}' },
    }
  })
  const sessions = people.map(({ id: user_id }): SessionRow => {
    const unused = { ended_at: null, ended_reason: null, client_address: null, user_agent: null, last_used_at: 0 }
    return { ...unused, id: newId('ses'), user_id, generation: 1, rotated_at: 0, created_at: 0, expires_at: 4e12 }
  })
  return { people, sessions }
}

test('ten thousand people are looked up every two seconds, and that does not hold up anything else', async (t) => {
  const { desk } = await openWorld(t)
  const { sessions, ended } = await fillWithPeople(desk, 10_000)
  const [gone] = sessions.slice(7000)
  assert.ok(gone)
  await desk.database.write((db) => db.updateTable('sessions').set({ ended_at: 1 }).where('id', '=', gone.id).execute())
  const lag = monitorEventLoopDelay({ resolution: 1 })

  desk.clock.advance(2000)
  lag.enable()
  await desk.settle()
  lag.disable()

  assert.deepEqual(ended, [`${gone.user_id} signed_out`])
  assert.equal(desk.app.hub.count().connections, 9999)
  t.diagnostic(`the longest turn took ${Math.round(lag.max / 1e6)} ms`)
})

test('nobody waits for what happens while everybody is looked up', async (t) => {
  const { desk, ada, agent, ticket } = await openWorld(t)
  const actor = await desk.app.accounts.authenticate(agent.token)
  const [looking, seen, told] = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  let isSweep = false
  const hub = createHub(
    { ...desk, log: createLog({ level: 'silent', format: 'json' }) },
    {
      ...{ pollMs: 1000, streamsPerNode: 10, streamsPerCaller: 10 },
      lookAgain: async (actors) => {
        if (!isSweep) return actors
        looking?.resolve()
        await seen?.promise
        return actors.map(() => null)
      },
    },
  )
  t.after(() => hub.close())
  const ended: string[] = []
  const peer = {
    send: () => told?.resolve(),
    pendingBytes: () => 0,
    atOnce: (work: () => void) => work(),
    end: (reason: string) => void ended.push(reason),
  }
  await hub.open(peer, actor).subscribe([{ kind: 'all' }], { onHeard: () => {} })
  await hub.settle()

  isSweep = true
  desk.clock.advance(2000)
  hub.wake()
  await looking?.promise
  await say(ada, ticket, 'Still.')
  hub.wake()
  await told?.promise
  assert.deepEqual(ended, [])
  seen?.resolve()
  await hub.settle()

  assert.deepEqual(ended, ['signed_out'])
})

test('who loses a ticket by two changes that he sees as one is told so', async (t) => {
  const { desk, admin, ada, ticket, queue } = await openWorld(t)
  const other = (await admin.post('/v1/queues', { key: 'other', name: 'Other', public: true })).body
  const bob = await desk.person()
  const listener = await listen(desk, ada.token, { topics: [`queue:${queue.id}`] })
  listener.clog(100_000)

  await admin.patch(`/v1/tickets/${ticket.id}`, { requester_id: bob.id })
  await admin.patch(`/v1/tickets/${ticket.id}`, { queue_id: other.id })
  await desk.settle()
  listener.clog(0)
  await desk.settle()

  assert.deepEqual(listener.types(), [])
  assert.deepEqual([listener.frames.at(-1).type, listener.frames.at(-1).ticket_id], ['left', ticket.id])
})

test('who comes while others are being told hears of everything behind the position that he is given', async (t) => {
  const { desk, agent, ada, ticket, queue } = await openWorld(t)
  const { body: second } = await ada.post('/v1/tickets', { subject: 'Scanner', body: 'It smokes.', queue_id: queue.id })
  const first = await listen(desk, agent.token, { topics: [`ticket:${ticket.id}`] })
  await desk.settle()
  const connection = connectionOf(desk.database.reader)
  const query = connection.query.bind(connection)
  const [written, subscribed, reached] = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  t.mock.method(connection, 'query', async (sql: string, values: readonly unknown[]) => {
    if (/from .log_head/.test(sql)) await written?.promise
    if (/^select .ticket_id., .user_id., .role. from .ticket_participants/.test(sql)) {
      reached?.resolve()
      await subscribed?.promise
    }
    return query(sql, values)
  })

  await say(ada, ticket, 'One.')
  await say(ada, second, 'Two.')
  written?.resolve()
  await reached?.promise
  const late = await listen(desk, agent.token, { topics: [`ticket:${second.id}`] })
  subscribed?.resolve()
  await desk.settle()

  const { body } = await agent.get(`/v1/tickets/${second.id}/events?after=${late.frames[0].position}`)
  assert.deepEqual(
    late.types(),
    body.data.map(({ type }: Json) => type),
  )
  assert.equal(first.types().length, 1)
})
