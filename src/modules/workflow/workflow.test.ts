import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk } from '../../../test/desk.ts'

const DAY = 86_400_000
const at = (ms: number) => new Date(ms).toISOString()

const step = (from: string, to: string, by = ['agent'], required_fields: string[] = []) => ({ from, to, by, required_fields })

/** A repair shop: a hidden status in which a supplier has the thing, and a category that must be known before it is solved. */
const repairs = {
  name: 'Repairs',
  statuses: [
    { key: 'new', label: 'New', requester_label: 'Received', category: 'new' },
    { key: 'open', label: 'On the bench', requester_label: 'In the workshop', category: 'open' },
    { key: 'at_supplier', label: 'At the supplier', requester_label: null, category: 'open' },
    { key: 'waiting', label: 'Waiting', requester_label: 'Waiting for you', category: 'pending' },
    { key: 'solved', label: 'Mended', requester_label: 'Mended', category: 'solved' },
    { key: 'closed', label: 'Handed over', requester_label: 'Handed over', category: 'closed' },
  ],
  transitions: [
    step('new', 'open', ['agent', 'system']),
    step('open', 'at_supplier'),
    step('at_supplier', 'open', ['agent']),
    step('open', 'waiting', ['agent'], ['pending_until']),
    step('waiting', 'open', ['agent', 'system']),
    step('open', 'solved', ['agent'], ['category_id', 'assignee_id']),
    step('at_supplier', 'closed', ['admin']),
    step('solved', 'open', ['agent', 'requester', 'system']),
    step('solved', 'closed', ['agent', 'requester', 'system']),
  ],
}

interface Shop {
  desk: Desk
  admin: Caller
  agent: Caller & { id: string }
  requester: Caller
  lifecycle: Json
  queue: Json
}

async function openShop(t: TestContext, env = {}): Promise<Shop> {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '86400', ...env } })
  const admin = await desk.person({ role: 'admin' })
  const lifecycle = (await admin.post('/v1/lifecycles', repairs)).body
  const queue = (await admin.post('/v1/queues', { key: 'repairs', name: 'Repairs', public: true, lifecycle_id: lifecycle.id }))
    .body
  const agent = await desk.person({ role: 'agent' })
  const requester = await desk.person()
  await desk.announcements()
  return { desk, admin, agent, requester, lifecycle, queue }
}

async function raise({ requester, queue, desk }: Shop): Promise<string> {
  const { body } = await requester.post('/v1/tickets', { subject: 'A lamp', body: 'It does not shine.', queue_id: queue.id })
  await desk.announcements()
  return `/v1/tickets/${body.id}`
}

test('a refusal says what is allowed, and what the ticket lacks', async (t) => {
  const shop = await openShop(t)
  const { agent, admin, desk } = shop
  const path = await raise(shop)
  await agent.post(`${path}/claim`)
  await desk.announced(['ticket.assigned', 'ticket.status_changed'])

  const refused = await agent.patch(path, { status: 'solved' })
  const steps = await agent.get(`${path}/transitions`)
  const unknown = await agent.patch(path, { status: 'on_hold' })

  assert.deepEqual([refused.status, refused.body.code], [409, 'transition_not_allowed'])
  assert.deepEqual([refused.body.allowed, refused.body.missing_fields], [['at_supplier'], ['category_id']])
  assert.deepEqual(
    steps.body.data.map(({ status, label, allowed, missing_fields }: Json) => [status, label, allowed, missing_fields]),
    [
      ['at_supplier', 'At the supplier', true, []],
      ['waiting', 'Waiting', false, ['pending_until']],
      ['solved', 'Mended', false, ['category_id']],
    ],
  )
  assert.deepEqual([unknown.status, unknown.body.errors[0].code], [422, 'unknown_status'])
  await desk.announced([])

  const category = (await admin.post('/v1/categories', { name: 'Lamps' })).body
  await desk.announcements()
  const solved = await agent.patch(path, { status: 'solved', category_id: category.id })
  assert.deepEqual([solved.status, solved.body.status, solved.body.allowed_transitions], [200, 'solved', ['open', 'closed']])
  await desk.announced(['ticket.updated', 'ticket.status_changed'])
})

test('requesters learn nothing of a status that is hidden from them', async (t) => {
  const shop = await openShop(t)
  const { agent, requester, desk } = shop
  const path = await raise(shop)
  await agent.post(`${path}/claim`)
  const before = await requester.get(path)
  await desk.announcements()

  const moved = await agent.patch(path, { status: 'at_supplier' })
  const after = await requester.get(path)

  assert.deepEqual([moved.body.status, moved.body.status_category], ['at_supplier', 'open'])
  const news = await desk.announcements()
  assert.deepEqual(
    news.map(({ type, visibility, data }) => [type, visibility, data.status]),
    [['ticket.status_changed', 'internal', 'at_supplier']],
  )
  assert.equal(after.headers.etag, before.headers.etag)
  assert.deepEqual(
    [after.body.status, after.body.version, after.body.updated_at],
    ['open', before.body.version, before.body.updated_at],
  )
  const found = async (caller: Caller, query: string) => (await caller.get(`/v1/tickets?${query}&include=total`)).body.total
  assert.equal(await found(requester, 'status=open'), 1)
  assert.equal(await found(agent, 'status=open'), 0)
  assert.equal(await found(agent, 'status=at_supplier'), 1)
  assert.equal(await found(agent, 'q=status:at_supplier'), 1)
  // As if there were no such word.
  const hidden = await requester.get('/v1/tickets?status=at_supplier')
  assert.deepEqual([hidden.status, hidden.body.code], [400, 'invalid_parameter'])
  const names = await requester.get('/v1/statuses')
  assert.ok(!names.text.includes('upplier') && !names.text.includes('bench') && names.text.includes('In the workshop'))
  assert.equal((await requester.get('/v1/lifecycles')).status, 403)
})

test('a requester takes the steps that are his, and no others', async (t) => {
  const shop = await openShop(t)
  const { agent, admin, requester } = shop
  const path = await raise(shop)
  await agent.post(`${path}/claim`)

  const refused = await requester.post(`${path}/close`)
  assert.deepEqual([refused.status, refused.body.allowed], [409, []])
  await agent.patch(path, { status: 'at_supplier' })
  // The step is for admins.
  assert.deepEqual((await agent.post(`${path}/close`)).body.allowed, ['open'])
  assert.deepEqual((await agent.get(path)).body.allowed_transitions, ['open'])
  assert.deepEqual((await admin.get(path)).body.allowed_transitions, ['open', 'closed'])
  assert.equal((await admin.post(`${path}/close`)).body.status, 'closed')
})

test('a snoozed ticket comes back at its time, to the second', async (t) => {
  const shop = await openShop(t)
  const { agent, requester, desk } = shop
  const path = await raise(shop)
  await agent.post(`${path}/claim`)
  const until = at(desk.clock.now() + 90 * 60_000)
  await desk.announcements()

  const asleep = await agent.patch(path, { status: 'waiting', pending_until: until })
  assert.deepEqual([asleep.status, asleep.body.pending_until], [200, until])
  assert.equal((await requester.get(path)).body.pending_until, undefined)
  await desk.announced(['ticket.updated', 'ticket.status_changed'])
  desk.clock.advance(90 * 60_000 - 1)
  await desk.announced([])

  desk.clock.advance(1)
  const news = await desk.announcements()

  assert.deepEqual(
    news.map(({ type, visibility, actor_id }) => [type, visibility, actor_id]),
    [
      ['ticket.woken', 'internal', 'system'],
      ['ticket.status_changed', 'public', 'system'],
    ],
  )
  const { body } = await agent.get(path)
  assert.deepEqual([body.status, body.pending_until], ['open', null])
})

test('a snoozed ticket that is answered, moved on or snoozed anew does not come back at its old time', async (t) => {
  const shop = await openShop(t)
  const { agent, requester, desk } = shop
  const hour = 3_600_000
  const sleep = (path: string, ms: number) => agent.patch(path, { status: 'waiting', pending_until: at(desk.clock.now() + ms) })
  const [answered, later] = [await raise(shop), await raise(shop)]
  for (const path of [answered, later]) {
    await agent.post(`${path}/claim`)
    assert.equal((await sleep(path, hour)).status, 200)
  }
  assert.equal((await agent.patch(later, { pending_until: at(desk.clock.now() + 3 * hour) })).status, 200)
  await requester.post(`${answered}/messages`, { body: 'Here it is.' })
  await desk.announcements()

  desk.clock.advance(2 * hour)
  await desk.announced([])
  assert.equal((await agent.get(later)).body.status, 'waiting')
  desk.clock.advance(hour)

  await desk.announced(['ticket.woken', 'ticket.status_changed'])
  assert.deepEqual(await desk.query('select * from timers'), [])
})

test('only what sleeps can come back, and only at a time to come', async (t) => {
  const shop = await openShop(t)
  const { agent, desk } = shop
  const path = await raise(shop)
  const soon = at(desk.clock.now() + 1000)

  assert.equal((await agent.patch(path, { pending_until: soon })).body.errors[0].code, 'not_pending')
  await agent.post(`${path}/claim`)
  for (const time of [at(desk.clock.now()), '2199-12-31T23:59:59.999Z', '2200-01-01T00:00:00.000Z']) {
    const { status, body } = await agent.patch(path, { status: 'waiting', pending_until: time })
    if (time.startsWith('2199')) assert.equal(status, 200)
    else assert.deepEqual([status, body.errors[0].code], [422, 'not_to_come'])
  }
})

test('a solved ticket closes by itself after as many quiet days as the settings say, and counts anew when something is said', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const key = async (role: string) => desk.bearer((await admin.post('/v1/api-keys', { name: role, role })).body.secret)
  const [boss, agent] = [await key('admin'), await key('agent')]
  const raised = await agent.post('/v1/tickets', { subject: 'S', body: 'B', requester: { email: 'bob@example.com' } })
  const path = `/v1/tickets/${raised.body.id}`
  await agent.patch(path, { status: 'solved' })
  await desk.announcements()

  desk.clock.advance(6 * DAY)
  await agent.post(`${path}/messages`, { body: 'Is it still well?' })
  desk.clock.advance(6 * DAY)
  await desk.announced(['message.created'])
  // A longer time counts for what is solved already.
  await boss.patch('/v1/settings', { close_solved_after_days: 10 })
  // The job is started before the change is announced, and looks a second time some seconds later.
  await desk.announced(['job.started', 'settings.updated'])
  desk.clock.advance(4 * DAY - 1)
  await desk.announced(['job.finished'])
  desk.clock.advance(1)

  const [closed] = await desk.announcements()
  assert.deepEqual([closed?.type, closed?.actor_id], ['ticket.status_changed', 'system'])
  const { body } = await agent.get(path)
  assert.deepEqual([body.status, body.closed_at], ['closed', at(desk.clock.now())])
})

test('with 0 days nothing closes by itself', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_ACCESS_TOKEN_SECONDS: '86400' } })
  const admin = await desk.person({ role: 'admin' })
  const { body } = await admin.post('/v1/tickets', { subject: 'S', body: 'B' })
  await admin.patch(`/v1/tickets/${body.id}`, { status: 'solved' })
  const settle = async () => {
    await desk.settle()
    desk.clock.advance(15_000)
    await desk.settle()
  }
  await admin.patch('/v1/settings', { close_solved_after_days: 0 })
  await settle()

  assert.deepEqual(await desk.query('select * from timers'), [])
  await admin.patch('/v1/settings', { close_solved_after_days: 1 })
  await settle()
  assert.equal((await desk.query('select * from timers')).length, 1)
})

test('a status that is taken away takes no ticket with it', async (t) => {
  const shop = await openShop(t)
  const { admin, agent, requester, lifecycle, desk } = shop
  const paths = [await raise(shop), await raise(shop), await raise(shop)]
  for (const path of paths) {
    await agent.post(`${path}/claim`)
    await agent.patch(path, { status: 'at_supplier' })
  }
  await desk.announcements()
  const statuses = repairs.statuses.filter(({ key }) => key !== 'at_supplier')
  const path = `/v1/lifecycles/${lifecycle.id}`

  const bare = await admin.patch(path, { statuses })
  assert.deepEqual([bare.status, bare.body.errors[0].pointer], [422, '/replacements/at_supplier'])
  const closing = await admin.patch(path, { statuses, replacements: { at_supplier: 'closed' } })
  assert.equal(closing.body.errors[0].code, 'wrong_category')
  const before = (await requester.get(paths[0] ?? '')).body
  const changed = await admin.patch(path, { statuses, replacements: { at_supplier: 'waiting' } })
  assert.equal(changed.status, 200, changed.text)

  await desk.announced([
    'job.started',
    'lifecycle.updated',
    ...paths.flatMap(() => ['ticket.status_changed', 'ticket.status_changed']),
  ])
  for (const one of paths) assert.equal((await agent.get(one)).body.status, 'waiting')
  assert.equal((await requester.get(paths[0] ?? '')).body.version, before.version + 1)
  // A second look for who was slower than the change.
  desk.clock.advance(15_000)
  await desk.announced(['job.finished'])
  assert.deepEqual((await admin.get(path)).body.statuses.length, statuses.length)
})

test('a ticket that still stands in a status that was taken away is as good as in the other one', async (t) => {
  const shop = await openShop(t)
  const { admin, agent, lifecycle, desk } = shop
  const path = await raise(shop)
  await admin.post('/v1/fields', { key: 'place', label: 'Place', type: 'text' })
  await agent.post(`${path}/claim`)
  await agent.patch(path, { status: 'at_supplier' })
  const statuses = repairs.statuses.filter(({ key }) => key !== 'at_supplier')
  await admin.patch(`/v1/lifecycles/${lifecycle.id}`, { statuses, replacements: { at_supplier: 'open' } })
  await desk.settle()
  // As somebody leaves it who read the lifecycle just before the change.
  await desk.database.write((db) => db.updateTable('tickets').set({ status: 'at_supplier', public_status: 'open' }).execute())

  const { body } = await agent.get(path)
  assert.deepEqual([body.status, body.allowed_transitions], ['at_supplier', []])
  assert.equal((await agent.get(`${path}/transitions`)).body.data[0].status, 'waiting')
  const worked = [
    await agent.post(`${path}/tags`, { tags: ['slow'] }),
    await agent.patch(path, { subject: 'A slow printer', priority: 'high', fields: { place: 'attic' } }),
    await agent.put(`${path}/skills`, { skills: ['paper'] }),
    await agent.post(`${path}/messages`, { body: 'Soon.', visibility: 'internal' }),
    await agent.delete(`${path}/tags/slow`),
  ]
  assert.deepEqual(
    worked.map((reply) => reply.status),
    [200, 200, 200, 201, 200],
  )
  const { status, subject, fields } = (await agent.get(path)).body
  assert.deepEqual([status, subject, fields], ['at_supplier', 'A slow printer', { place: 'attic' }])
  const there = await agent.patch(path, { status: 'open', subject: 'A lamp that is dark' })
  assert.deepEqual([there.status, there.body.subject], [200, 'A lamp that is dark'])
  desk.clock.advance(15_000)
  await desk.settle()
  assert.equal((await agent.get(path)).body.status, 'open')
})

test('what tickets rest on in a lifecycle in use is fixed', async (t) => {
  const { admin, lifecycle, queue } = await openShop(t)
  const path = `/v1/lifecycles/${lifecycle.id}`
  const but = (key: string, change: object) => repairs.statuses.map((one) => (one.key === key ? { ...one, ...change } : one))

  for (const [key, change] of [
    ['waiting', { category: 'on_hold' }],
    ['at_supplier', { requester_label: 'At the supplier' }],
    ['waiting', { requester_label: null }],
  ] as const) {
    const { status, body } = await admin.patch(path, { statuses: but(key, change) })
    assert.deepEqual([status, body.errors[0].code], [422, 'fixed'])
  }
  assert.equal((await admin.patch(path, { statuses: but('waiting', { label: 'Patience' }) })).body.statuses[3].label, 'Patience')
  assert.equal((await admin.delete(path)).body.code, 'lifecycle_in_use')
  assert.equal((await admin.patch(path, { archived: true })).body.code, 'lifecycle_in_use')
  const { default_lifecycle_id } = (await admin.get('/v1/settings')).body
  await admin.patch(`/v1/queues/${queue.id}`, { lifecycle_id: default_lifecycle_id })
  assert.equal((await admin.delete(path)).status, 204)
  assert.notEqual((await admin.get(path)).body.archived_at, null)
  assert.equal((await admin.patch(`/v1/queues/${queue.id}`, { lifecycle_id: lifecycle.id })).body.errors[0].code, 'archived')
})

test('a lifecycle that no queue ever had goes away whole', async (t) => {
  const { admin, desk } = await openShop(t)
  const { body } = await admin.post('/v1/lifecycles', { ...repairs, name: 'Another' })
  await desk.announced(['lifecycle.created'])

  assert.equal((await admin.patch(`/v1/lifecycles/${body.id}`, { name: 'Yet another' }, { 'if-match': '"v9"' })).status, 412)
  assert.equal((await admin.delete(`/v1/lifecycles/${body.id}`)).status, 204)
  await desk.announced(['lifecycle.deleted'])
  assert.equal((await admin.get(`/v1/lifecycles/${body.id}`)).status, 404)
})

test('a ticket that moves to a queue of another lifecycle stands there where the mapping says', async (t) => {
  const shop = await openShop(t)
  const { admin, agent, lifecycle, desk } = shop
  const general = (await admin.get('/v1/queues?key=general')).body.data[0]
  const other = (await admin.get('/v1/settings')).body.default_lifecycle_id
  await admin.patch(`/v1/lifecycles/${lifecycle.id}`, {
    mappings: [{ from_lifecycle_id: other, from_status: 'on_hold', to_status: 'at_supplier' }],
  })
  const path = await raise(shop)
  await agent.post(`${path}/claim`)
  await agent.patch(path, { status: 'waiting', pending_until: at(desk.clock.now() + DAY) })
  await desk.announcements()

  const moved = await agent.patch(path, { queue_id: general.id })
  assert.deepEqual([moved.body.status, moved.body.pending_until === null], ['pending', false])
  await desk.announced(['ticket.updated', 'ticket.status_changed'])
  // Moved and stepped on in one go: the step is one of the queue to which it goes.
  assert.equal((await agent.patch(path, { status: 'on_hold' })).body.status, 'on_hold')
  const back = await agent.patch(path, { queue_id: shop.queue.id })
  assert.deepEqual([back.body.status, back.body.status_category, back.body.pending_until], ['at_supplier', 'open', null])
  const both = await agent.patch(path, { queue_id: general.id, status: 'solved' })
  assert.deepEqual([both.status, both.body.status], [200, 'solved'])
})

test('a queue that gets another lifecycle takes its tickets along', async (t) => {
  const shop = await openShop(t)
  const { admin, agent, queue, desk } = shop
  const paths: string[] = []
  for (let i = 0; i < 120; i++) paths.push(await raise(shop))
  await agent.post(`${paths[7]}/claim`)
  await agent.patch(paths[7] ?? '', { status: 'at_supplier' })
  await desk.announcements()
  const { default_lifecycle_id } = (await admin.get('/v1/settings')).body

  await admin.patch(`/v1/queues/${queue.id}`, { lifecycle_id: default_lifecycle_id })
  const news = await desk.announcements()

  assert.deepEqual(
    news.map(({ type }) => type).filter((type) => !type.startsWith('job')),
    ['queue.updated', 'ticket.status_changed'],
  )
  const rows = await desk.query(
    'select lifecycle_id, status, count(*) as n from tickets group by lifecycle_id, status order by status',
  )
  assert.deepEqual(
    rows.map(({ lifecycle_id, status, n }) => [lifecycle_id === default_lifecycle_id, status, Number(n)]),
    [
      [true, 'new', 119],
      [true, 'open', 1],
    ],
  )
  assert.equal((await agent.patch(paths[7] ?? '', { status: 'on_hold' })).status, 200)
})

test('a ticket that went back behind the job that changes its lifecycle is taken along all the same', async (t) => {
  const shop = await openShop(t)
  const { admin, agent, queue, lifecycle, desk } = shop
  const path = await raise(shop)
  await agent.post(`${path}/claim`)
  const { default_lifecycle_id } = (await admin.get('/v1/settings')).body
  await admin.patch(`/v1/queues/${queue.id}`, { lifecycle_id: default_lifecycle_id })
  await desk.settle()
  // As if it had been reopened when the job had gone through the open ones, and was still at those that are solved.
  await desk.database.write(async (db) => {
    const place = { category: 'solved', created_at: 0, id: '' }
    await db.updateTable('tickets').set({ lifecycle_id: lifecycle.id }).execute()
    await db
      .updateTable('jobs')
      .set({ state: 'running', cursor: JSON.stringify({ place, is_second: false }) })
      .execute()
    const job = await db.selectFrom('jobs').select('id').executeTakeFirstOrThrow()
    const now = desk.clock.now()
    const timer = { id: 'tim_1', kind: 'jobs.step', subject_id: job.id, due_at: now, generation: 1, state: 'due' as const }
    const fresh = { claim_at: now, lease_token: null, attempts: 0, last_error: null, created_at: now }
    await db
      .insertInto('timers')
      .values({ ...timer, ...fresh })
      .execute()
  })

  await desk.settle()

  const [row] = await desk.query('select lifecycle_id from tickets')
  assert.equal(row.lifecycle_id, default_lifecycle_id)
})

test('tickets that were solved long ago close once their lifecycle, or the one they come to, lets them', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const admin = desk.bearer((await root.post('/v1/api-keys', { name: 'Boss', role: 'admin' })).body.secret)
  const lamp = { subject: 'S', body: 'B', requester: { email: 'bob@example.com' } }
  const steps = repairs.transitions.filter(({ from, to }) => !(from === 'solved' && to === 'closed'))
  const lasting = { ...repairs, transitions: [...steps, step('solved', 'closed', ['agent']), step('open', 'closed')] }
  const solve = async (key: string) => {
    const lifecycle = (await admin.post('/v1/lifecycles', lasting)).body
    const queue = (await admin.post('/v1/queues', { key, name: key, lifecycle_id: lifecycle.id })).body
    const { id } = (await admin.post('/v1/tickets', { ...lamp, queue_id: queue.id })).body
    await desk.database.write((db) =>
      db.updateTable('tickets').set({ category_id: 'cat_1', assignee_id: root.id }).where('id', '=', id).execute(),
    )
    await admin.patch(`/v1/tickets/${id}`, { status: 'open' })
    await admin.patch(`/v1/tickets/${id}`, { status: 'solved' })
    return { lifecycle, queue, look: async () => (await admin.get(`/v1/tickets/${id}`)).body.status_category }
  }
  const [one, two] = [await solve('one'), await solve('two')]
  desk.clock.advance(30 * DAY)
  await desk.settle()
  assert.deepEqual([await one.look(), await two.look()], ['solved', 'solved'])

  await admin.patch(`/v1/lifecycles/${one.lifecycle.id}`, { transitions: repairs.transitions })
  await admin.patch(`/v1/queues/${two.queue.id}`, { lifecycle_id: (await admin.get('/v1/settings')).body.default_lifecycle_id })
  await desk.settle()

  assert.deepEqual([await one.look(), await two.look()], ['closed', 'closed'])
})
