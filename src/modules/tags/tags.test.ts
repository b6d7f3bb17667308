import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk } from '../../../test/desk.ts'
import { fromJson, toJson } from '../../platform/codecs.ts'
import { insertRow } from '../../platform/database/prepared.ts'
import { newId } from '../../platform/ids.ts'

async function raise(who: Caller, tags: string[]): Promise<Json> {
  const raised = await who.post('/v1/tickets', { subject: 'Help', body: 'Help!', tags })
  assert.equal(raised.status, 201, raised.text)
  return raised.body
}

/** A tag stands in a ticket's row and among the tags in the same way, or not at all. */
async function assertWhole(desk: Desk): Promise<void> {
  const rows = await desk.query('select id, tags from tickets')
  const inTable = await desk.query('select ticket_id, tag from ticket_tags order by tag')
  const byTicket = Map.groupBy(inTable, ({ ticket_id }) => ticket_id)
  for (const { id, tags } of rows)
    assert.deepEqual((byTicket.get(id) ?? []).map(({ tag }) => tag).sort(), fromJson<string[]>(tags).sort(), id)
}

const tagsOf = async (who: Caller, { id }: Json): Promise<string[]> => (await who.get(`/v1/tickets/${id}`)).body.tags

test('tags are listed by name with the tickets that one sees from the staff side', async (t) => {
  const desk = await openDesk(t)
  const [admin, tom] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  const team_id = (await admin.post('/v1/teams', { name: 'Away' })).body.id
  const away = (await admin.post('/v1/queues', { key: 'away', name: 'Away', team_ids: [team_id] })).body.id
  await raise(tom, ['paper', 'printer', 'Åbo'])
  await raise(tom, ['printer'])
  const far = await raise(admin, ['printer', 'secret'])
  await admin.patch(`/v1/tickets/${far.id}`, { queue_id: away })
  const list = async (who: Caller, query = '') =>
    (await who.get(`/v1/tags${query}`)).body.data.map(({ name, ticket_count }: Json) => `${name} ${ticket_count}`)

  assert.deepEqual(await list(admin), ['paper 1', 'printer 3', 'secret 1', 'åbo 1'])
  assert.deepEqual(await list(tom), ['paper 1', 'printer 2', 'åbo 1'])
  assert.deepEqual(await list(tom, '?q=P'), ['paper 1', 'printer 2'])
  assert.deepEqual(await list(tom, '?q=pr'), ['printer 2'])
  const first = await tom.get('/v1/tags?limit=2')
  assert.deepEqual(await list(tom, `?limit=2&cursor=${first.body.next_cursor}`), ['åbo 1'])
  assert.equal((await tom.get(`/v1/tags?q=p&cursor=${first.body.next_cursor}`)).body.code, 'cursor_mismatch')
})

test('an admin renames a tag: rules at once, then every ticket, closed ones too, each with its news', async (t) => {
  const desk = await openDesk(t)
  const [admin, tom] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  const ticket = await raise(tom, ['vip', 'old'])
  const closed = await raise(tom, ['old'])
  await tom.post(`/v1/tickets/${closed.id}/close`, {})
  const rule = await admin.post('/v1/routing-rules', {
    name: 'Old',
    conditions: { tags: ['old'] },
    actions: { add_tags: ['old', 'vip'] },
  })
  await desk.announcements()

  const answer = await admin.patch('/v1/tags/OLD', { name: 'New ' })
  const job = await (async () => {
    await desk.settle()
    return (await admin.get(`/v1/jobs/${answer.body.id}`)).body
  })()

  assert.deepEqual([answer.status, answer.body.kind, answer.body.total], [202, 'tags.rename', 2])
  assert.deepEqual([job.state, job.processed], ['done', 2])
  assert.deepEqual(await tagsOf(tom, ticket), ['new', 'vip'])
  assert.deepEqual(await tagsOf(tom, closed), ['new'])
  const { conditions, actions } = (await admin.get(rule.headers.location ?? '')).body
  assert.deepEqual([conditions, actions], [{ tags: ['new'] }, { add_tags: ['new', 'vip'] }])
  const events = await desk.announcements()
  assert.deepEqual(
    events.map(({ type, visibility, actor_id, data }) => [type, visibility, actor_id, data]),
    [
      ['job.started', 'internal', admin.id, { kind: 'tags.rename', total: 2 }],
      ['routing_rule.updated', 'internal', admin.id, { changed: ['conditions', 'actions'], position: 1, enabled: true }],
      ['tag.renamed', 'internal', admin.id, { from: 'old', to: 'new', merged: false }],
      ...[1, 2].flatMap(() => [
        ['ticket.untagged', 'internal', admin.id, { tags: ['old'] }],
        ['ticket.tagged', 'internal', admin.id, { tags: ['new'] }],
      ]),
      ['job.finished', 'internal', events.at(-1)?.actor_id, { kind: 'tags.rename', state: 'done', processed: 2 }],
    ],
  )
  const after = (await admin.get(`/v1/tickets/${ticket.id}`)).body
  assert.equal(after.version, ticket.version + 1)
  assert.deepEqual((await admin.get('/v1/tickets?tag=new')).body.data.length, 2)
  await assertWhole(desk)
})

test('two tags become one, also where a ticket has both or as many as it may', async (t) => {
  const desk = await openDesk(t)
  const [admin, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const both = await raise(tom, ['a', 'b'])
  const full = await raise(tom, ['a', ...Array.from({ length: 49 }, (_, i) => `t${i}`)])
  const { body: hers } = await ada.post('/v1/tickets', { subject: 'Help', body: 'Help!' })
  await tom.post(`/v1/tickets/${hers.id}/tags`, { tags: ['a'] })
  const before = await ada.get(`/v1/tickets/${hers.id}`)
  await desk.announcements()

  const answer = await admin.post('/v1/tags/a/merge', { into: 'B' })

  assert.equal(answer.status, 202)
  await desk.announced([
    'job.started',
    'tag.renamed',
    'ticket.untagged',
    'ticket.untagged',
    'ticket.tagged',
    'ticket.untagged',
    'ticket.tagged',
    'job.finished',
  ])
  assert.deepEqual(await tagsOf(tom, both), ['b'])
  assert.equal((await tagsOf(tom, full)).length, 50)
  assert.deepEqual((await tagsOf(tom, full)).includes('a'), false)
  assert.deepEqual((await ada.get(`/v1/tickets/${hers.id}`)).headers.etag, before.headers.etag)
  await assertWhole(desk)
})

test('what cannot be renamed or merged is refused, and nothing happens', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  await raise(admin, ['a', 'b'])
  await desk.announcements()

  const answers = [
    await admin.patch('/v1/tags/a', { name: 'B' }),
    await admin.patch('/v1/tags/a', { name: 'a' }),
    await admin.patch('/v1/tags/none', { name: 'c' }),
    await admin.patch('/v1/tags/a', { name: 'with,comma' }),
    await admin.post('/v1/tags/a/merge', { into: 'a' }),
    await admin.post('/v1/tags/a/merge', { into: 'none' }),
    await admin.post('/v1/tags/none/merge', { into: 'a' }),
  ]

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.code, body.errors?.[0].code]),
    [
      [409, 'tag_exists', 'taken'],
      [409, 'tag_exists', 'taken'],
      [404, 'not_found', undefined],
      [422, 'validation_failed', 'invalid'],
      [422, 'validation_failed', 'same_tag'],
      [422, 'validation_failed', 'not_found'],
      [404, 'not_found', undefined],
    ],
  )
  await desk.announced([])
})

test('a tag that is still being renamed is left alone', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  await raise(admin, ['a', 'b', 'c'])
  // A job whose next step is far away.
  const at = { created_at: desk.clock.now(), updated_at: desk.clock.now(), finished_at: null, version: 1 }
  await desk.database.write((db) =>
    insertRow(db, 'jobs', {
      id: newId('job'),
      kind: 'tags.rename',
      state: 'running',
      params: toJson({ from: 'a', to: 'b' }),
      cursor: null,
      processed: 0,
      total: 1,
      error: null,
      started_by_type: 'user',
      started_by_id: admin.id,
      ...at,
    }),
  )
  await desk.announcements()

  const answers = [
    await admin.patch('/v1/tags/a', { name: 'd' }),
    await admin.post('/v1/tags/b/merge', { into: 'a' }),
    await admin.post('/v1/tags/c/merge', { into: 'b' }),
  ]

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.code]),
    Array(3).fill([409, 'tag_busy']),
  )
  await desk.announced([])
})

test('who renames one tag to two names at the same moment gets one of them', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ticket = await raise(admin, ['a'])

  const answers = await Promise.all(['b', 'c'].map((name) => admin.patch('/v1/tags/a', { name })))
  await desk.settle()

  const statuses = answers.map(({ status }) => status)
  assert.ok(statuses.includes(202) && statuses.some((status) => status === 409 || status === 404), statuses.join())
  assert.deepEqual(await tagsOf(admin, ticket), [statuses[0] === 202 ? 'b' : 'c'])
  await assertWhole(desk)
})

test('many tickets are renamed step by step on two nodes, while others add the old tag and take tags off', async (t) => {
  const desk = await openDesk(t)
  const [admin, tom] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  const tickets: Json[] = []
  for (let i = 0; i < 120; i++) tickets.push(await raise(tom, i % 3 === 0 ? ['old', 'new2'] : ['old']))
  const bare = [await raise(tom, []), await raise(tom, [])]
  await desk.announcements()

  const answer = await admin.patch('/v1/tags/old', { name: 'new' })
  const other = await desk.node(desk.clock)
  const answers = await Promise.all([
    desk.settle(),
    other.app.settle(),
    ...bare.map(({ id }) => tom.post(`/v1/tickets/${id}/tags`, { tags: ['old'] })),
    ...tickets.slice(0, 8).map(({ id }) => tom.delete(`/v1/tickets/${id}/tags/old`)),
    ...tickets.slice(-4).map(({ id }) => other.bearer(tom.token).post(`/v1/tickets/${id}/tags`, { tags: ['new'] })),
  ])
  await desk.settle()

  for (const reply of answers) if (reply) assert.equal(reply.status, 200)
  const job = (await admin.get(`/v1/jobs/${answer.body.id}`)).body
  assert.deepEqual([job.state, job.total], ['done', 120])
  await assertWhole(desk)
  // Only who got the old name after the job had passed has it.
  const left = await desk.query("select ticket_id from ticket_tags where tag = 'old'")
  assert.deepEqual(
    left.filter(({ ticket_id }) => !bare.some(({ id }) => id === ticket_id)),
    [],
  )
  const events = await desk.announcements()
  const of = (type: string) => events.filter((event) => event.type === type && event.actor_id === admin.id)
  assert.equal(of('ticket.untagged').length, job.processed)
})

test('a node that stops half-way leaves the rest to the next', async (t) => {
  const desk = await openDesk(t)
  const [admin, tom] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  for (let i = 0; i < 160; i++) await raise(tom, ['old'])
  await desk.settle()
  const node = await desk.node(desk.clock)
  const answer = await node.bearer(admin.token).patch('/v1/tags/old', { name: 'new' })

  // It stops after the step that it is at; the others notice nothing, and go on where it was.
  await node.close()
  await desk.settle()

  const job = (await admin.get(`/v1/jobs/${answer.body.id}`)).body
  assert.deepEqual([job.state, job.processed], ['done', 160])
  const counts = (await admin.get('/v1/tags')).body.data
  assert.deepEqual(counts, [{ object: 'tag', name: 'new', ticket_count: 160 }])
  await assertWhole(desk)
})
