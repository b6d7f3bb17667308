import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { getSettings } from '../desk/index.ts'

const rules = '/v1/routing-rules'
const help = { subject: 'The printer is on fire', body: 'Help!' }

async function openRoutedDesk(t: TestContext) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const tom = await desk.person({ role: 'agent' })
  const ada = await desk.person()
  const queue = async (key: string, more = {}): Promise<string> =>
    (await admin.post('/v1/queues', { key, name: key, ...more })).body.id
  const queues = { fire: await queue('fire'), wish: await queue('wish', { public: true }) }
  const { default_queue_id: general } = await getSettings(desk.database.reader)
  return { desk, admin, tom, ada, queues: { ...queues, general } }
}

async function addRule(admin: Caller, actions: object, more: object = {}): Promise<string> {
  const made = await admin.post(rules, { name: 'Fire', conditions: { subject_words: ['fire'] }, actions, ...more })
  assert.equal(made.status, 201, made.text)
  return made.body.id
}

const staffSide = async (admin: Caller, ticket: Json) => {
  const { queue_id, priority, tags, assignee_id, status, version } = (await admin.get(`/v1/tickets/${ticket.id}`)).body
  return { queue_id, priority, tags, assignee_id, status, version }
}

test('what a requester raises goes where the rule says, whatever he wished, and he sees no more of it', async (t) => {
  const { desk, admin, tom, ada, queues } = await openRoutedDesk(t)
  const rule_id = await addRule(admin, {
    queue_id: queues.fire,
    priority: 'urgent',
    add_tags: ['Hot', 'fire'],
    assignee_id: tom.id,
  })
  await desk.announcements()

  const raised = await ada.post('/v1/tickets', { ...help, queue_id: queues.wish, priority: 'low' })

  assert.deepEqual([raised.status, raised.headers.etag, raised.body.status], [201, '"p1"', 'open'])
  assert.deepEqual([raised.body.queue_id, raised.body.priority], [queues.fire, 'urgent'])
  assert.deepEqual(await staffSide(admin, raised.body), {
    queue_id: queues.fire,
    priority: 'urgent',
    tags: ['fire', 'hot'],
    assignee_id: tom.id,
    status: 'open',
    version: 1,
  })
  const [found] = (await tom.get('/v1/tickets?tag=hot&assignee_id=me')).body.data
  assert.equal(found.id, raised.body.id)
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, visibility, actor_id, data }) => [type, visibility, actor_id, data]),
    [
      [
        'ticket.created',
        'public',
        ada.id,
        {
          number: raised.body.number,
          requester_id: ada.id,
          queue_id: queues.fire,
          status: 'open',
          priority: 'urgent',
          follow_up_of_id: null,
        },
      ],
      ['message.created', 'public', ada.id, events[1]?.data],
      ['ticket.assigned', 'internal', 'system', { assignee_id: tom.id, reason: 'assigned' }],
      [
        'ticket.routed',
        'internal',
        'system',
        { rule_id, applied: ['queue_id', 'priority', 'add_tags', 'assignee_id'], skipped: [] },
      ],
    ],
  )
  const seen = await ada.get(`/v1/tickets/${raised.body.id}/events`)
  assert.deepEqual(
    seen.body.data.map(({ type }: Json) => type),
    ['ticket.created', 'message.created'],
  )
  assert.equal(seen.text.includes(rule_id), false)
})

test('what staff or a key say themselves wins over the rule; what they leave open does not', async (t) => {
  const { desk, admin, tom, queues } = await openRoutedDesk(t)
  const rule_id = await addRule(admin, { queue_id: queues.fire, priority: 'urgent', add_tags: ['hot'] })
  const key = desk.bearer((await admin.post('/v1/api-keys', { name: 'Shop', role: 'agent' })).body.secret)
  await desk.announcements()
  const requester = { email: 'eve@example.com' }

  for (const [who, priority] of [
    [tom, 'normal'],
    [key, 'low'],
  ] as const) {
    const said = await who.post('/v1/tickets', { ...help, requester, queue_id: queues.general, priority, tags: ['mine'] })
    const open = await who.post('/v1/tickets', { ...help, requester })

    const { assignee_id: _, status: __, version: ___, ...first } = await staffSide(admin, said.body)
    const { assignee_id: ____, status: _____, version: ______, ...second } = await staffSide(admin, open.body)
    assert.deepEqual(first, { queue_id: queues.general, priority, tags: ['hot', 'mine'] })
    assert.deepEqual(second, { queue_id: queues.fire, priority: 'urgent', tags: ['hot'] })
    const routed = (await desk.announcements()).filter(({ type }) => type === 'ticket.routed').map(({ data }) => data)
    assert.deepEqual(routed, [
      {
        rule_id,
        applied: ['add_tags'],
        skipped: [
          { action: 'queue_id', reason: 'set_by_staff' },
          { action: 'priority', reason: 'set_by_staff' },
        ],
      },
      { rule_id, applied: ['queue_id', 'priority', 'add_tags'], skipped: [] },
    ])
  }
})

test('only the first rule that matches decides, one that is off does not count, and without one nothing happens', async (t) => {
  const { desk, admin, ada } = await openRoutedDesk(t)
  await addRule(admin, { priority: 'low' }, { enabled: false })
  await addRule(admin, { priority: 'high' })
  await addRule(admin, { priority: 'urgent' })
  await desk.announcements()

  const hit = await ada.post('/v1/tickets', help)
  await desk.announced(['ticket.created', 'message.created', 'ticket.routed'])
  const miss = await ada.post('/v1/tickets', { ...help, subject: 'Paper jam' })
  await desk.announced(['ticket.created', 'message.created'])

  assert.deepEqual([hit.body.priority, miss.body.priority], ['high', 'normal'])
})

test('a rule goes on without a queue that is archived and an agent who has left', async (t) => {
  const { desk, admin, tom, ada, queues } = await openRoutedDesk(t)
  const rule_id = await addRule(admin, { queue_id: queues.fire, assignee_id: tom.id, priority: 'high' })
  await admin.delete(`/v1/queues/${queues.fire}`)
  await admin.patch(`/v1/users/${tom.id}`, { active: false })
  await desk.announcements()

  const raised = await ada.post('/v1/tickets', help)

  const { queue_id, assignee_id, status } = await staffSide(admin, raised.body)
  assert.deepEqual([queue_id, assignee_id, status], [queues.general, null, 'new'])
  const routed = (await desk.announcements()).at(-1)
  const skipped = [
    { action: 'queue_id', reason: 'queue_archived' },
    { action: 'assignee_id', reason: 'agent_inactive' },
  ]
  assert.deepEqual(routed?.data, { rule_id, applied: ['priority'], skipped })
  const dry = (await admin.get(`/v1/tickets/${raised.body.id}/routing`)).body
  assert.deepEqual([dry.rule_id, dry.actions, dry.skipped], [rule_id, {}, skipped])
})

test('tags that would be too many are left off', async (t) => {
  const { desk, admin, tom } = await openRoutedDesk(t)
  const rule_id = await addRule(admin, { add_tags: ['hot', 'tag1'] })
  await desk.announcements()
  const tags = Array.from({ length: 50 }, (_, i) => `tag${i}`)

  const raised = await tom.post('/v1/tickets', { ...help, tags })

  assert.equal(raised.body.tags.length, 50)
  const skipped = [{ action: 'add_tags', reason: 'too_many_tags' }]
  assert.deepEqual((await desk.announcements()).at(-1)?.data, { rule_id, applied: [], skipped })
  assert.equal((await tom.post(`/v1/tickets/${raised.body.id}/route`)).body.version, 1)
})

test('what the dry run says is what is then done, once', async (t) => {
  const { desk, admin, tom, ada, queues } = await openRoutedDesk(t)
  const { body: ticket } = await ada.post('/v1/tickets', help)
  await addRule(admin, { priority: 'low' }, { name: 'Paper', conditions: { subject_words: ['paper'] } })
  const rule_id = await addRule(admin, {
    queue_id: queues.fire,
    priority: 'urgent',
    add_tags: ['hot'],
    assignee_id: tom.id,
  })
  await desk.announcements()
  const path = `/v1/tickets/${ticket.id}`

  const dry = (await tom.get(`${path}/routing`)).body
  await desk.announced([])
  const stale = await tom.post(`${path}/route`, undefined, { 'if-match': '"i9"' })
  const done = await tom.post(`${path}/route`, undefined, { 'if-match': '"i1"' })

  assert.equal(stale.status, 412)
  assert.deepEqual(
    dry.trace.map(({ name, matched, reason }: Json) => [name, matched, reason]),
    [
      ['Paper', false, 'conditions'],
      ['Fire', true, 'matched'],
    ],
  )
  assert.deepEqual([dry.ticket_id, dry.rule_id, dry.skipped], [ticket.id, rule_id, []])
  const { queue_id, priority, tags: add_tags, assignee_id, version } = done.body
  assert.deepEqual(dry.actions, { queue_id, priority, add_tags, assignee_id })
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, visibility, actor_id }) => [type, visibility, actor_id]),
    [
      ['ticket.tagged', 'internal', tom.id],
      ['ticket.updated', 'public', tom.id],
      ['ticket.assigned', 'internal', tom.id],
      ['ticket.status_changed', 'public', 'system'],
      ['ticket.routed', 'internal', tom.id],
    ],
  )
  assert.deepEqual(events.at(-1)?.data, { rule_id, applied: ['queue_id', 'priority', 'add_tags', 'assignee_id'], skipped: [] })

  const again = await tom.post(`${path}/route`)
  assert.equal(again.body.version, version)
  assert.deepEqual((await tom.get(`${path}/routing`)).body.actions, {})
  await desk.announced([])
})

test('without a rule that matches a ticket stays, and a closed one is not routed', async (t) => {
  const { desk, admin, tom, ada } = await openRoutedDesk(t)
  const { body: ticket } = await ada.post('/v1/tickets', { ...help, subject: 'Paper jam' })
  await addRule(admin, { priority: 'urgent' })
  const same = await tom.post(`/v1/tickets/${ticket.id}/route`)
  await tom.post(`/v1/tickets/${ticket.id}/close`, {})
  await desk.announcements()

  const closed = await tom.post(`/v1/tickets/${ticket.id}/route`)

  assert.deepEqual([same.status, same.body.version], [200, 1])
  assert.deepEqual([closed.status, closed.body.code], [409, 'ticket_closed'])
  await desk.announced([])
})

test('a ticket that a rule takes out of one’s sight is moved all the same, with its tags', async (t) => {
  const { admin, tom, ada, queues } = await openRoutedDesk(t)
  const team_id = (await admin.post('/v1/teams', { name: 'Fire' })).body.id
  await admin.patch(`/v1/queues/${queues.fire}`, { team_ids: [team_id] })
  const { body: ticket } = await ada.post('/v1/tickets', help)
  await addRule(admin, { queue_id: queues.fire, add_tags: ['hot'] })

  const moved = await tom.post(`/v1/tickets/${ticket.id}/route`)

  assert.deepEqual([moved.status, moved.body.queue_id, moved.body.tags], [200, queues.fire, ['hot']])
  assert.equal((await tom.get(`/v1/tickets/${ticket.id}`)).status, 404)
})

test('a rule that was made, changed or taken away counts on this node at once', async (t) => {
  const { admin, ada } = await openRoutedDesk(t)
  assert.equal((await ada.post('/v1/tickets', help)).body.priority, 'normal')
  const rule = await addRule(admin, { priority: 'urgent' })
  assert.equal((await ada.post('/v1/tickets', help)).body.priority, 'urgent')

  await admin.patch(`${rules}/${rule}`, { actions: { priority: 'high' } })
  const changed = await ada.post('/v1/tickets', help)
  await admin.delete(`${rules}/${rule}`)
  const gone = await ada.post('/v1/tickets', help)

  assert.deepEqual([changed.body.priority, gone.body.priority], ['high', 'normal'])
})

test('another node applies no rule that was changed or taken away, though it keeps what it read', async (t) => {
  const { desk, admin, ada } = await openRoutedDesk(t)
  const other = (await desk.node(desk.clock)).bearer(ada.token)
  const rule = await addRule(admin, { priority: 'urgent' })
  assert.equal((await other.post('/v1/tickets', help)).body.priority, 'urgent')

  await admin.patch(`${rules}/${rule}`, { actions: { priority: 'high' } })
  const changed = await other.post('/v1/tickets', help)
  await admin.delete(`${rules}/${rule}`)
  const gone = await other.post('/v1/tickets', help)

  assert.deepEqual([changed.body.priority, gone.body.priority], ['high', 'normal'])
})

test('rules, queues and categories change while tickets are raised: nothing fails, nothing is lost', async (t) => {
  const { desk, admin, ada, tom, queues } = await openRoutedDesk(t)
  const other = await desk.node(desk.clock)
  const callers = [ada, other.bearer(ada.token), tom]
  const answers: { status: number; text: string }[] = []
  const raiseSome = async (caller: Caller) => {
    for (let i = 0; i < 15; i++) answers.push(await caller.post('/v1/tickets', help))
  }
  const turnRules = async () => {
    for (let i = 0; i < 6; i++) answers.push(...(await turn(desk, admin, { tom, i })))
  }

  await Promise.all([...callers.map(raiseSome), turnRules()])

  assert.deepEqual(
    answers.filter(({ status }) => status >= 300).map(({ text }) => text),
    [],
  )
  const rows = await desk.query(
    'select count(*) as orphans from tickets where queue_id not in (select id from queues) or assignee_id not in (select id from users)',
  )
  assert.equal(Number(rows[0].orphans), 0)
  assert.ok(queues.general)
})

/** A queue, a category and a rule come and go. */
async function turn(_desk: Desk, admin: Caller, { tom, i }: { tom: Person; i: number }) {
  const queue = await admin.post('/v1/queues', { key: `q${i}`, name: 'Q' })
  const rule = await admin.post(rules, {
    name: `Rule ${i}`,
    conditions: { subject_words: ['fire'] },
    actions: { queue_id: queue.body.id, assignee_id: tom.id, add_tags: [`t${i}`] },
  })
  const moved = await admin.patch(`${rules}/${rule.body.id}`, { position: 1 })
  const archived = await admin.delete(`/v1/queues/${queue.body.id}`)
  const gone = await admin.delete(`${rules}/${rule.body.id}`)
  const gone2 = await admin.delete(`/v1/queues/${queue.body.id}`)
  return [queue, rule, moved, archived, gone, gone2]
}

test('a category is for the queue that was asked for or for that of the rule, and stays when the rule sends it elsewhere', async (t) => {
  const { desk, admin, ada, queues } = await openRoutedDesk(t)
  const category = async (name: string, ids: string[]): Promise<string> =>
    (await admin.post('/v1/categories', { name, queue_ids: ids })).body.id
  const forWish = await category('Wishes', [queues.wish])
  const forBoth = await category('Both', [queues.wish, queues.general])
  const wish = { subject: 'A wish', body: 'Please.' }
  const refused = await ada.post('/v1/tickets', { ...wish, category_id: forWish })
  await addRule(admin, { queue_id: queues.wish }, { conditions: { category_ids: [forWish] } })
  await addRule(admin, { queue_id: queues.fire })
  await desk.announcements()

  const byCategory = await ada.post('/v1/tickets', { ...wish, category_id: forWish })
  const elsewhere = await ada.post('/v1/tickets', { ...help, category_id: forBoth })
  const path = `/v1/tickets/${elsewhere.body.id}`
  const same = await admin.patch(path, { category_id: forBoth, priority: 'high' })
  const wrong = await admin.patch(path, { category_id: forWish })

  assert.deepEqual([refused.status, refused.body.errors[0].code], [422, 'not_in_queue'])
  assert.deepEqual([byCategory.status, byCategory.body.queue_id, byCategory.body.category_id], [201, queues.wish, forWish])
  assert.deepEqual([elsewhere.status, elsewhere.body.queue_id, elsewhere.body.category_id], [201, queues.fire, forBoth])
  assert.equal(same.status, 200)
  assert.deepEqual([wrong.status, wrong.body.errors[0].code], [422, 'not_in_queue'])
  await desk.announced([...[1, 2].flatMap(() => ['ticket.created', 'message.created', 'ticket.routed']), 'ticket.updated'])
})

test('a key learns which rules there are only with the scope for it', async (t) => {
  const { desk, admin, ada } = await openRoutedDesk(t)
  await addRule(admin, { priority: 'high' })
  const { id } = (await ada.post('/v1/tickets', help)).body
  const asking = async (scopes: string[]) => {
    const key = desk.bearer((await admin.post('/v1/api-keys', { name: 'K', role: 'admin', scopes })).body.secret)
    return key.get(`/v1/tickets/${id}/routing`)
  }

  const [narrow, other, both] = [
    await asking(['tickets:read']),
    await asking(['routing_rules:read']),
    await asking(['tickets:read', 'routing_rules:read']),
  ]

  assert.deepEqual([narrow.status, narrow.body.detail], [403, 'The API key lacks the scope routing_rules:read.'])
  assert.deepEqual([other.status, other.body.detail], [403, 'The API key lacks the scope tickets:read.'])
  assert.equal(both.body.trace[0].name, 'Fire')
})
