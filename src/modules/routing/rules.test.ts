import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, openDesk } from '../../../test/desk.ts'

const path = '/v1/routing-rules'
const urgent = { actions: { priority: 'urgent' } }

test('an admin makes rules, moves them and takes them away; the places stay without a gap', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const places = async () => (await admin.get(path)).body.data.map(({ name, position }: Json) => `${name}${position}`).join(' ')
  const made = []
  for (const name of ['a', 'b', 'c', 'd']) made.push(await admin.post(path, { name, ...urgent }))
  const [, b, , d] = made.map(({ body }) => `${path}/${body.id}`)
  assert.deepEqual(
    made.map(({ status, headers, body }) => [status, headers.etag, body.position, body.enabled, body.conditions]),
    [1, 2, 3, 4].map((position) => [201, '"v1"', position, true, {}]),
  )
  assert.equal(made[1]?.headers.location, b)
  await desk.announced(Array(4).fill('routing_rule.created'))

  const up = await admin.patch(`${d}`, { position: 1 }, { 'if-match': '"v1"' })
  assert.deepEqual([up.status, up.body.position, up.headers.etag], [200, 1, '"v2"'])
  assert.equal(await places(), 'd1 a2 b3 c4')
  const down = await admin.patch(`${d}`, { position: 99 })
  assert.equal(down.body.position, 4)
  assert.equal(await places(), 'a1 b2 c3 d4')
  const same = await admin.patch(`${d}`, {
    position: 4,
    name: 'd',
    enabled: true,
    conditions: {},
    actions: { priority: 'urgent' },
  })
  assert.equal(same.headers.etag, '"v3"')
  const stale = await admin.patch(`${d}`, { name: 'x' }, { 'if-match': '"v1"' })
  assert.equal(stale.status, 412)
  await desk.announced(Array(8).fill('routing_rule.updated'))

  assert.equal((await admin.delete(`${b}`)).status, 204)
  assert.equal(await places(), 'a1 c2 d3')
  assert.equal((await admin.get(`${b}`)).status, 404)
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, data }) => [type, data]),
    [
      ['routing_rule.deleted', {}],
      ['routing_rule.updated', { changed: ['position'], position: 2, enabled: true }],
      ['routing_rule.updated', { changed: ['position'], position: 3, enabled: true }],
    ],
  )
})

test('the list goes page by page in the order of the rules', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (const name of ['a', 'b', 'c']) await admin.post(path, { name, ...urgent })

  const first = await admin.get(`${path}?limit=2&include=total`)
  const second = await admin.get(`${path}?limit=2&cursor=${first.body.next_cursor}`)

  assert.equal(first.body.total, 3)
  assert.deepEqual(
    [...first.body.data, ...second.body.data].map(({ name }: Json) => name),
    ['a', 'b', 'c'],
  )
  assert.equal(second.body.has_more, false)
})

test('a patch merges into conditions and actions, and a rule always does something', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const rule = await admin.post(path, {
    name: 'Fire',
    conditions: { tags: ['FIRE', 'fire ', 'Smoke'], priorities: ['high'] },
    actions: { priority: 'urgent', add_tags: ['Hot'] },
  })
  assert.deepEqual(rule.body.conditions, { priorities: ['high'], tags: ['fire', 'smoke'] })
  const one = rule.headers.location ?? ''

  const merged = await admin.patch(one, {
    conditions: { priorities: null, subject_words: ['fire'] },
    actions: { priority: null, add_tags: ['Hot', 'burning'] },
  })
  const nothing = await admin.patch(one, { actions: { add_tags: null } })
  const none = await admin.post(path, { name: 'Idle', actions: {} })

  assert.deepEqual(merged.body.conditions, { tags: ['fire', 'smoke'], subject_words: ['fire'] })
  assert.deepEqual(merged.body.actions, { add_tags: ['burning', 'hot'] })
  for (const { status, body } of [nothing, none])
    assert.deepEqual([status, body.errors[0].pointer, body.errors[0].code], [422, '/actions', 'required'])
})

test('what a rule names must be there', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const queue = (await admin.post('/v1/queues', { key: 'old', name: 'Old' })).body.id
  await admin.patch(`/v1/queues/${queue}`, { archived: true })

  const wrong = await admin.post(path, {
    name: 'Wrong',
    conditions: { category_ids: ['cat_none'], organization_ids: ['org_none'], subject_words: ['fire', '?!'] },
    actions: { queue_id: queue, assignee_id: ada.id },
  })

  assert.equal(wrong.status, 422)
  assert.deepEqual(
    wrong.body.errors.map(({ pointer, code }: Json) => [pointer, code]),
    [
      ['/conditions/category_ids/0', 'not_found'],
      ['/conditions/organization_ids/0', 'not_found'],
      ['/conditions/subject_words/1', 'no_word'],
      ['/actions/queue_id', 'not_found'],
      ['/actions/assignee_id', 'not_an_agent'],
    ],
  )
  assert.equal((await admin.get(path)).body.data.length, 0)
})

test('there are at most 200 rules', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  for (let i = 0; i < 200; i++) await admin.post(path, { name: `Rule ${i}`, ...urgent })

  const over = await admin.post(path, { name: 'One more', ...urgent })

  assert.deepEqual([over.status, over.body.code], [409, 'too_many_routing_rules'])
})

test('rules that are made and moved at the same moment have each a place of its own', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const made = await Promise.all(Array.from({ length: 8 }, (_, i) => admin.post(path, { name: `Rule ${i}`, ...urgent })))
  const moved = await Promise.all([
    ...made.slice(0, 4).map(({ body }, i) => admin.patch(`${path}/${body.id}`, { position: 8 - i })),
    ...made.slice(4, 6).map(({ body }) => admin.delete(`${path}/${body.id}`)),
  ])

  assert.ok(moved.every(({ status }) => status < 300))
  const { data } = (await admin.get(path)).body
  assert.deepEqual(
    data.map(({ position }: Json) => position),
    [1, 2, 3, 4, 5, 6],
  )
})

test('what a rule names is archived instead of deleted, or stays', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const queue = (await admin.post('/v1/queues', { key: 'hot', name: 'Hot' })).body.id
  const category = (await admin.post('/v1/categories', { name: 'Fire' })).body.id
  const organization = (await admin.post('/v1/organizations', { name: 'Acme' })).body.id
  await admin.post(path, {
    name: 'Fire',
    conditions: { category_ids: [category], organization_ids: [organization] },
    actions: { queue_id: queue },
  })
  await desk.announcements()

  const answers = [
    await admin.delete(`/v1/queues/${queue}`),
    await admin.delete(`/v1/categories/${category}`),
    await admin.delete(`/v1/organizations/${organization}`),
  ]

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body?.code]),
    [
      [204, undefined],
      [204, undefined],
      [409, 'organization_in_use'],
    ],
  )
  assert.notEqual((await admin.get(`/v1/queues/${queue}`)).body.archived_at, null)
  assert.notEqual((await admin.get(`/v1/categories/${category}`)).body.archived_at, null)
  await desk.announced(['queue.archived', 'category.archived'])
})

test('a draft is tried on the rules', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const top = (await admin.post('/v1/categories', { name: 'Printers' })).body.id
  const below = (await admin.post('/v1/categories', { name: 'Laser', parent_id: top })).body.id
  const rule = (
    await admin.post(path, {
      name: 'Printers',
      conditions: { category_ids: [top], tags: ['fire'] },
      actions: { priority: 'high' },
    })
  ).body.id

  const hit = await admin.post(`${path}/preview`, { subject: 'Help', category_id: below, tags: ['Fire'] })
  const miss = await admin.post(`${path}/preview`, { category_id: below })
  const wrong = await admin.post(`${path}/preview`, { category_id: 'cat_none' })

  assert.deepEqual([hit.status, hit.body.rule_id, hit.body.actions], [200, rule, { priority: 'high' }])
  assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [422, '/category_id'])
  assert.deepEqual(miss.body, {
    object: 'routing',
    ticket_id: null,
    rule_id: null,
    actions: {},
    skipped: [],
    trace: [
      {
        rule_id: rule,
        name: 'Printers',
        position: 1,
        matched: false,
        reason: 'conditions',
        conditions: [
          { condition: 'category_ids', holds: true, expected: [top], actual: [below, top] },
          { condition: 'tags', holds: false, expected: ['fire'], actual: [] },
        ],
      },
    ],
  })
})

test('what is wrong with the parts of a rule is said in words', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const rule = { name: 'r', conditions: { tags: [], priorities: ['high', 'high'] }, actions: { priority: 'low' } }

  const { status, body } = await admin.post('/v1/routing-rules', rule)

  assert.equal(status, 422)
  assert.deepEqual(
    body.errors.map(({ code, detail }: Json) => [code, detail]),
    [
      ['duplicate', 'must not have the same entry twice'],
      ['too_few', 'must have at least 1 entry'],
    ],
  )
})
