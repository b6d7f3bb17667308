import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { insertRows } from '../../platform/database/prepared.ts'
import { newId } from '../../platform/ids.ts'

interface Cast {
  desk: Desk
  admin: Person
  ada: Person
  tom: Person
  /** Ada's team. */
  team: string
  queue_id: string
}

/** A desk with an admin, and two agents, of whom one is in a team with a queue of its own. */
async function openCast(t: Parameters<typeof openDesk>[0]): Promise<Cast> {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person({ role: 'agent' })
  const tom = await desk.person({ role: 'agent' })
  const team = (await admin.post('/v1/teams', { name: 'Printers' })).body.id
  await admin.put(`/v1/teams/${team}/members/${ada.id}`)
  const queue_id = (await admin.post('/v1/queues', { key: 'printers', name: 'Printers', team_ids: [team] })).body.id
  desk.clock.advance(1000)
  await desk.announcements()
  return { desk, admin, ada, tom, team, queue_id }
}

async function raise(by: Caller, more: object = {}): Promise<string> {
  return (await by.post('/v1/tickets', { subject: 'A printer', body: 'It smokes.', ...more })).body.id
}

const ids = (body: Json): string[] => body.data.map(({ id }: { id: string }) => id)

test('an agent saves a view, looks at its tickets, changes and deletes it', async (t) => {
  const { desk, ada, tom, queue_id } = await openCast(t)
  const mine = await raise(ada, { queue_id, priority: 'urgent' })
  const free = await raise(ada, { queue_id, priority: 'low' })
  await ada.post(`/v1/tickets/${mine}/claim`)
  await desk.announcements()

  const filters = { status_category: 'new,open', assignee_id: ['me'] }
  const made = await ada.post('/v1/views', { name: 'Mine', filters, sort: '-priority' })
  const path = made.headers.location ?? ''
  const shown = await ada.get(`${path}/tickets?include=total`)
  const changed = await ada.patch(path, { filters: { assignee_id: null }, sort: 'priority' }, { 'if-match': '"v1"' })
  const now = await ada.get(`${path}/tickets`)
  const stale = await ada.patch(path, { name: 'Late' }, { 'if-match': '"v1"' })
  const same = await ada.patch(path, { name: 'Mine' })
  const hidden = [
    await tom.get(path),
    await tom.get(`${path}/tickets`),
    await tom.patch(path, { name: 'x' }),
    await tom.delete(path),
  ]
  const read = await ada.get(path)
  const deleted = await ada.delete(path)

  const { id, version, owner_id, visibility, team_id, position, sort } = made.body
  assert.deepEqual(
    [made.status, path, made.headers.etag, version, owner_id, visibility, team_id, position, sort],
    [201, `/v1/views/${id}`, '"v1"', 1, ada.id, 'private', null, 0, '-priority'],
  )
  assert.deepEqual(made.body.filters, { status_category: 'new,open', assignee_id: 'me' })
  assert.deepEqual([ids(shown.body), shown.body.total], [[mine], 1])
  assert.deepEqual([changed.body.filters, changed.headers.etag], [{ status_category: 'new,open' }, '"v2"'])
  assert.deepEqual(ids(now.body), [free, mine])
  assert.deepEqual([stale.status, same.headers.etag], [412, '"v2"'])
  assert.deepEqual(
    hidden.map(({ status }) => status),
    [404, 404, 404, 404],
  )
  assert.deepEqual(read.body, changed.body)
  assert.deepEqual([deleted.status, (await ada.get(path)).status], [204, 404])
  const sharing = { owner_id: ada.id, visibility: 'private', team_id: null }
  assert.deepEqual(
    (await desk.announcements()).map(({ type, data, visibility }) => [type, data, visibility]),
    [
      ['view.created', sharing, 'internal'],
      ['view.updated', { changed: ['filters', 'sort'], ...sharing }, 'internal'],
      ['view.deleted', {}, 'internal'],
    ],
  )
})

test('a wrong filter is refused with a pointer, by the reader of the list itself', async (t) => {
  const { desk, ada } = await openCast(t)
  const wrong: [object, string[]][] = [
    [{ filters: { statuss: 'open' } }, ['/filters/statuss']],
    [{ filters: { status_category: 'opn', priority: 'huge', tag: 'vip' } }, ['/filters/status_category', '/filters/priority']],
    [{ filters: { queue_id: 'que_1' } }, ['/filters/queue_id']],
    [{ filters: { q: 'colour:red' } }, ['/filters/q']],
    [{ filters: { limit: '5' } }, ['/filters/limit']],
    [{ filters: { sort: 'number' } }, ['/filters/sort']],
    [{ filters: { 'created_at[gte]': 'yesterday' } }, ['/filters/created_at[gte]']],
    [{ filters: { 'a/b~c': 'x' } }, ['/filters/a~1b~0c']],
    [{ filters: { tag: 5 } }, ['/filters/tag']],
    [{ filters: { tag: [] } }, ['/filters/tag']],
    [{ sort: 'colour' }, ['/sort']],
    [{ visibility: 'team' }, ['/team_id']],
    [{ team_id: newId('team') }, ['/team_id']],
    [{ owner_id: ada.id }, ['/owner_id']],
  ]

  for (const [body, pointers] of wrong) {
    const { status, body: answer, text } = await ada.post('/v1/views', { name: 'Wrong', ...body })
    assert.deepEqual([status, answer.code], [422, 'validation_failed'], text)
    assert.deepEqual(
      answer.errors.map(({ pointer }: { pointer: string }) => pointer),
      pointers,
    )
  }
  const right = { 'created_at[gte]': '2026-01-01T00:00:00Z', tag: ['vip', 'fire'], assignee_id: 'none', q: 'smoke status:open' }
  const made = await ada.post('/v1/views', { name: 'Right', filters: right })
  const patched = await ada.patch(made.headers.location ?? '', { filters: { priority: 'huge' } })

  assert.equal(made.status, 201)
  assert.deepEqual([patched.status, patched.body.errors[0].pointer], [422, '/filters/priority'])
  await desk.announced(['view.created'])
})

test('a view that is shared with a team is seen by its members, and changed by its owner and admins', async (t) => {
  const { desk, admin, ada, tom, team } = await openCast(t)
  const bea = await desk.person({ role: 'agent' })
  await admin.put(`/v1/teams/${team}/members/${bea.id}`)
  desk.clock.advance(1000)
  await raise(ada)
  await desk.announcements()

  const foreign = await tom.post('/v1/views', { name: 'Not mine', team_id: team })
  const made = await ada.post('/v1/views', { name: 'Ours', filters: { requester_id: 'me' }, visibility: 'team', team_id: team })
  const path = made.headers.location ?? ''
  const seen = await Promise.all([ada, bea, admin, tom].map(async (who) => (await who.get(path)).status))
  const listed = await Promise.all([ada, bea, admin, tom].map(async (who) => ids((await who.get('/v1/views')).body)))
  const counted = await Promise.all([ada, bea].map(async (who) => (await who.get('/v1/views?include=count,total')).body))
  const refused = [await bea.patch(path, { name: 'Mine' }), await bea.delete(path), await ada.patch(path, { owner_id: bea.id })]
  const given = await admin.patch(path, { owner_id: bea.id })
  const toNobody = await admin.patch(path, { owner_id: newId('usr') })
  const unshared = await bea.patch(path, { visibility: 'private' })

  assert.deepEqual([foreign.status, foreign.body.errors[0].pointer], [422, '/team_id'])
  assert.deepEqual(seen, [200, 200, 200, 404])
  assert.deepEqual(listed, [[made.body.id], [made.body.id], [made.body.id], []])
  // `me` is whoever looks.
  assert.deepEqual(
    counted.map(({ data, total }) => [data[0].count, total]),
    [
      [1, 1],
      [0, 1],
    ],
  )
  assert.deepEqual(
    refused.map(({ status }) => status),
    [403, 403, 403],
  )
  assert.deepEqual([given.body.owner_id, toNobody.body.errors[0].pointer], [bea.id, '/owner_id'])
  assert.deepEqual([unshared.body.visibility, unshared.body.team_id], ['private', null])
  assert.deepEqual([(await ada.get(path)).status, (await admin.get(path)).status], [404, 404])
  await desk.announced(['view.created', 'view.updated', 'view.updated'])
})

test('when its team goes a view falls back to its owner; when its owner goes admins take it over', async (t) => {
  const { desk, admin, ada, team } = await openCast(t)
  const shared = (await ada.post('/v1/views', { name: 'Ours', team_id: team })).headers.location ?? ''
  const own = (await ada.post('/v1/views', { name: 'Mine' })).headers.location ?? ''
  const queues = (await admin.get('/v1/queues?key=printers')).body.data
  await admin.patch(`/v1/queues/${queues[0].id}`, { team_ids: [] })
  await desk.announcements()

  const gone = await admin.delete(`/v1/teams/${team}`)
  await desk.announced(['team.deleted', 'view.updated'])
  const fallen = await ada.get(shared)
  const before = [await admin.get(shared), await admin.get(own)]
  await admin.patch(`/v1/users/${ada.id}`, { active: false })
  const orphaned = [await admin.get(shared), await admin.get(own)]
  const taken = await admin.patch(own, { owner_id: admin.id })
  const moved = await admin.get('/v1/views?owner_id=me')
  await admin.patch(`/v1/users/${ada.id}`, { active: true })

  assert.equal(gone.status, 204)
  assert.deepEqual([fallen.body.visibility, fallen.body.team_id, fallen.body.version], ['private', null, 2])
  assert.deepEqual(
    [...before, ...orphaned].map(({ status }) => status),
    [404, 404, 200, 200],
  )
  assert.equal(taken.body.owner_id, admin.id)
  assert.deepEqual(ids(moved.body), [taken.body.id])
  assert.equal((await admin.get(shared)).status, 404)
})

test('what a filter names may go: it matches nothing, and what the list would refuse is told', async (t) => {
  const { desk, admin, ada } = await openCast(t)
  const queue = (await admin.post('/v1/queues', { key: 'short', name: 'Short' })).body.id
  const category = (await admin.post('/v1/categories', { name: 'Short' })).body.id
  await raise(ada)
  const view = (filters: object) => ada.post('/v1/views', { name: 'Old', filters })
  const gone = await view({ queue_id: queue, category_id: category })
  const outdated = await view({ tag: 'vip' })
  await admin.delete(`/v1/queues/${queue}`)
  await admin.delete(`/v1/categories/${category}`)
  // As if a later version no longer knew the filter.
  await desk.database.write((db) =>
    db
      .updateTable('views')
      .set({ filters: '{"colour":"red","tag":"vip"}' })
      .where('id', '=', outdated.body.id)
      .executeTakeFirst(),
  )

  const empty = await ada.get(`${gone.headers.location}/tickets?include=total`)
  const refused = await ada.get(`${outdated.headers.location}/tickets`)
  const listed = await ada.get('/v1/views?include=count')
  const renamed = await ada.patch(outdated.headers.location ?? '', { name: 'Still old' })
  const mended = await ada.patch(outdated.headers.location ?? '', { filters: { colour: null } })

  assert.deepEqual([empty.status, empty.body.data, empty.body.total], [200, [], 0])
  assert.deepEqual([refused.status, refused.body.code, refused.body.errors[0].pointer], [409, 'view_outdated', '/filters/colour'])
  assert.deepEqual(
    listed.body.data.map(({ count }: { count: number | null }) => count),
    [0, null],
  )
  assert.deepEqual([renamed.status, mended.status], [200, 200])
  assert.equal((await ada.get(`${outdated.headers.location}/tickets`)).status, 200)
})

test('a cursor belongs to its view as it was, and to no other', async (t) => {
  const { desk, ada } = await openCast(t)
  for (let i = 0; i < 5; i++) await raise(ada)
  const made = await ada.post('/v1/views', { name: 'All', filters: { requester_id: 'me' }, sort: 'number' })
  const other = await ada.post('/v1/views', { name: 'All again', filters: { requester_id: 'me' }, sort: 'number' })
  const path = `${made.headers.location}/tickets`

  const walked: string[] = []
  let cursor = ''
  for (let next: string | undefined = `${path}?limit=2`; next; ) {
    const page = await ada.get(next)
    walked.push(...ids(page.body))
    cursor = page.body.next_cursor ?? cursor
    next = /<([^>]+)>/.exec(page.headers.link ?? '')?.[1]
  }
  const elsewhere = await ada.get(`${other.headers.location}/tickets?cursor=${cursor}`)
  await ada.patch(made.headers.location ?? '', { sort: '-number' })
  const later = await ada.get(`${path}?cursor=${cursor}`)

  assert.equal(new Set(walked).size, 5)
  assert.equal(walked.length, 5)
  for (const { status, body } of [elsewhere, later]) assert.deepEqual([status, body.code], [400, 'cursor_mismatch'])
  await desk.settle()
})

test('views stand in their order, page by page, and nobody has more than two hundred', async (t) => {
  const { desk, admin, ada, tom, team } = await openCast(t)
  const names: string[] = []
  for (const name of ['b', 'c', 'a']) names.push((await ada.post('/v1/views', { name })).body.id)
  await ada.patch(`/v1/views/${names[2]}`, { position: 0 })
  await ada.patch(`/v1/views/${names[0]}`, { position: 2 })

  const walked: string[] = []
  for (let next: string | undefined = '/v1/views?limit=1'; next; ) {
    const page = await ada.get(next)
    walked.push(...ids(page.body))
    next = /<([^>]+)>/.exec(page.headers.link ?? '')?.[1]
  }
  const row = await desk.database.reader.selectFrom('views').selectAll().executeTakeFirstOrThrow()
  const more = Array.from({ length: 198 }, () => ({ ...row, id: newId('vie') }))
  await desk.database.write((db) => insertRows(db, 'views', more).then(() => undefined))
  // Two at once, and only one place left but none.
  await admin.delete(`/v1/views/${names[2]}`)
  await ada.delete(`/v1/views/${names[2]}`)
  const late = await Promise.all([ada.post('/v1/views', { name: 'x' }), ada.post('/v1/views', { name: 'y' })])
  const toms = await tom.post('/v1/views', { name: 'z' })

  assert.deepEqual(walked, [names[2], names[1], names[0]])
  assert.deepEqual(late.map(({ status }) => status).sort(), [409, 409])
  assert.equal(late[0].body.code, 'too_many_views')
  assert.equal(toms.status, 201)
  assert.ok(team)
})

test('API keys read what is shared, and own no views', async (t) => {
  const { admin, ada, team, desk } = await openCast(t)
  const shared = (await ada.post('/v1/views', { name: 'Ours', team_id: team })).body.id
  const key = async (role: string, scopes?: string[]) =>
    desk.bearer((await admin.post('/v1/api-keys', { name: role, role, ...(scopes ? { scopes } : {}) })).body.secret)
  const [agentKey, adminKey] = [await key('agent'), await key('admin')]
  const narrow = await key('admin', ['views:read'])

  const answers = [
    await agentKey.get(`/v1/views/${shared}`),
    await adminKey.get(`/v1/views/${shared}`),
    await adminKey.get(`/v1/views/${shared}/tickets`),
    await adminKey.post('/v1/views', { name: 'Key' }),
    await narrow.get(`/v1/views/${shared}`),
    await narrow.get(`/v1/views/${shared}/tickets`),
    await narrow.get('/v1/views?include=count'),
    await narrow.patch(`/v1/views/${shared}`, { name: 'Key' }),
    await (await desk.person()).get('/v1/views'),
  ]

  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 200, 200, 403, 200, 403, 200, 403, 403],
  )
})

test('the numbers of queues are those of the queues in which somebody works', async (t) => {
  const { desk, admin, ada, tom, queue_id } = await openCast(t)
  const general = (await admin.get('/v1/settings')).body.default_queue_id
  const raised: string[] = []
  for (let i = 0; i < 6; i++) raised.push(await raise(ada, { queue_id }))
  const [mine, toms, pending, held, deleted] = raised
  await ada.post(`/v1/tickets/${mine}/claim`)
  await admin.patch(`/v1/tickets/${toms}`, { assignee_id: tom.id })
  await ada.patch(`/v1/tickets/${pending}`, { status: 'pending' })
  await ada.patch(`/v1/tickets/${held}`, { status: 'on_hold' })
  await admin.delete(`/v1/tickets/${deleted}`)
  await raise(tom)
  // Half of what waits is over.
  await desk.database.write(async (db) => {
    for (const [id = '', ms] of [[pending, -1] as const, [held, 1] as const])
      await db
        .updateTable('tickets')
        .set({ pending_until: desk.clock.now() + ms })
        .where('id', '=', id)
        .execute()
  })

  const countsOf = async (who: Caller) =>
    Object.fromEntries(
      (await who.get('/v1/queues/counts')).body.data.map(({ queue_id, object: _, ...numbers }: Json) => [
        queue_id,
        Object.values(numbers).join(' '),
      ]),
    )

  // new, open, unassigned, mine, overdue
  assert.deepEqual(await countsOf(ada), { [general]: '1 0 1 0 0', [queue_id]: '1 2 1 1 1' })
  assert.deepEqual(await countsOf(tom), { [general]: '1 0 1 0 0' })
  assert.deepEqual(await countsOf(admin), { [general]: '1 0 1 0 0', [queue_id]: '1 2 1 0 1' })
  assert.equal((await (await desk.person()).get('/v1/queues/counts')).status, 403)
})

test('a queue that was archived stays among the numbers while it has any, and can be claimed from until it has none', async (t) => {
  const { admin, ada, queue_id } = await openCast(t)
  const general = (await admin.get('/v1/settings')).body.default_queue_id
  const id = await raise(ada, { queue_id })
  await admin.patch(`/v1/queues/${queue_id}`, { archived: true })
  const counted = async () =>
    Object.fromEntries((await ada.get('/v1/queues/counts')).body.data.map((counts: Json) => [counts.queue_id, counts.unassigned]))

  assert.deepEqual(await counted(), { [general]: 0, [queue_id]: 1 })
  assert.equal((await ada.post(`/v1/queues/${queue_id}/claim`)).body.id, id)
  assert.equal((await ada.post(`/v1/queues/${queue_id}/claim`)).status, 204)
  await ada.post(`/v1/tickets/${id}/close`, {})
  assert.deepEqual(await counted(), { [general]: 0 })
})

test('views ask for a tag by its new name, and for two that became one only once', async (t) => {
  const { desk, admin, ada, tom } = await openCast(t)
  const id = await raise(ada, { tags: ['old', 'vip'] })
  const view = async (who: Person, filters: object) =>
    (await who.post('/v1/views', { name: 'View', filters })).headers.location ?? ''
  const mine = await view(ada, { tag: 'OLD,eu' })
  const both = await view(ada, { tag: 'old,vip' })
  const typed = await view(tom, { q: 'printer tag:old' })
  const other = await view(ada, { tag: 'vip', q: 'old' })
  await desk.announcements()

  await admin.patch('/v1/tags/old', { name: 'older' })
  await desk.settle()
  const renamed = (await desk.announcements()).filter(({ type }) => type === 'view.updated')
  const filtersOf = async (who: Person, path: string) => (await who.get(path)).body.filters
  const after = [await filtersOf(ada, mine), await filtersOf(tom, typed)]
  const found = await tom.get(`${typed}/tickets`)
  // Told twice, as a reaction may be.
  const [told] = await desk.query("select id, event_id from deliveries where reaction = 'views.rename-tag'")
  await desk.database.write((db) =>
    db.updateTable('deliveries').set({ state: 'due', finished_at: null }).where('id', '=', String(told?.id)).execute(),
  )
  await desk.settle()
  const again = await desk.announcements()
  await admin.post('/v1/tags/older/merge', { into: 'vip' })
  await desk.settle()
  const merged = await filtersOf(ada, both)
  await admin.patch('/v1/tags/vip', { name: 'one of two' })
  await desk.settle()

  assert.deepEqual(
    renamed.map(({ actor_id, data }) => [actor_id, data.changed]),
    [mine, both, typed].map(() => ['system', ['filters']]),
  )
  assert.deepEqual(after, [{ tag: 'older,eu' }, { q: 'printer tag:older' }])
  assert.deepEqual(ids(found.body), [id])
  assert.deepEqual(again, [])
  assert.deepEqual(merged, { tag: 'vip' })
  // No word of `q` can have a space.
  assert.deepEqual(await filtersOf(tom, typed), { q: 'printer', tag: 'one of two' })
  assert.deepEqual(await filtersOf(ada, other), { tag: 'one of two', q: 'old' })
})
