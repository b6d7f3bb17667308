import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { BODY_MAX } from '../messages/index.ts'
import { attachmentsInDrafts } from './draft-queries.ts'

async function openShop(desk: Desk) {
  const root = await desk.person({ role: 'admin' })
  const [tom, tim] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' })]
  const team = (await root.post('/v1/teams', { name: 'First line' })).body.id
  for (const { id } of [tom, tim]) await root.put(`/v1/teams/${team}/members/${id}`)
  const queue_id = (await root.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id
  const ada = await desk.person()
  const raise = async (subject = 'A printer'): Promise<string> => {
    const { body } = await ada.post('/v1/tickets', { subject, body: 'It smokes.' })
    await root.patch(`/v1/tickets/${body.id}`, { queue_id })
    return `/v1/tickets/${body.id}`
  }
  const path = await raise()
  await desk.announcements()
  return { root, tom, tim, ada, team, path, raise }
}

const draftOf = async (person: Person, path: string): Promise<Json> => (await person.get(`${path}/draft`)).body
const newest = async (person: Person, path: string): Promise<string> =>
  (await person.get(`${path}/messages?sort=-created_at&limit=1`)).body.data[0].id

test('what an agent has begun to write is there on his other devices, and nobody else notices', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, tim, ada, path } = await openShop(desk)
  const before = await tom.get(path)

  const saved = await tom.put(`${path}/draft`, { body: 'Have you tried' })
  const read = await tom.get(`${path}/draft`)

  assert.equal(saved.status, 201)
  assert.equal(saved.headers.location, `${path}/draft`)
  assert.deepEqual(read.body, {
    object: 'draft',
    ticket_id: path.slice('/v1/tickets/'.length),
    body: 'Have you tried',
    visibility: 'public',
    attachment_ids: [],
    lost_attachment_ids: [],
    last_message_id: await newest(tom, path),
    is_stale: false,
    new_message_count: 0,
    created_at: saved.body.created_at,
    updated_at: saved.body.updated_at,
    version: 1,
  })
  for (const other of [root, tim, ada]) assert.equal((await other.get(`${path}/draft`)).status, 404)
  assert.deepEqual((await tom.get(path)).body, before.body)
  assert.deepEqual((await root.get('/v1/tickets?q=tried')).body.data, [])
  assert.ok(!desk.logged().includes('Have you tried'))
  await desk.announced([])
})

test('two devices of one agent do not write over each other', async (t) => {
  const desk = await openDesk(t)
  const { tom, path } = await openShop(desk)
  const put = (body: string, headers?: Record<string, string>) => tom.put(`${path}/draft`, { body }, headers)
  const first = await put('Have you tried')

  const blind = await put('Another beginning')
  const known = await put('Have you tried turning it off', { 'if-match': first.headers.etag ?? '' })
  const late = await put('Have you tried the other one', { 'if-match': first.headers.etag ?? '' })
  const same = await put('Have you tried turning it off')

  assert.deepEqual([blind.status, blind.body.code, blind.body.current_version], [412, 'version_conflict', 1])
  assert.deepEqual([known.status, known.body.version], [200, 2])
  assert.deepEqual([late.status, late.body.current_version], [412, 2])
  // What is there already is no conflict, so a lost answer can be asked for again.
  assert.deepEqual([same.status, same.body.version], [200, 2])
  assert.equal((await put('All of it', { 'if-match': '"v2"' })).body.version, 3)
  assert.equal((await put('Whatever was there', { 'if-match': '*' })).body.version, 4)
  await desk.announced([])
})

test('a draft that was discarded and begun anew is not taken for the old one', async (t) => {
  const desk = await openDesk(t)
  const { tom, path } = await openShop(desk)
  await tom.put(`${path}/draft`, { body: 'Have you tried' })

  assert.equal((await tom.delete(`${path}/draft`, { 'if-match': '"v7"' })).status, 412)
  assert.equal((await tom.delete(`${path}/draft`)).status, 204)
  assert.equal((await tom.get(`${path}/draft`)).status, 404)
  assert.equal((await tom.delete(`${path}/draft`)).status, 404)
  const late = await tom.put(`${path}/draft`, { body: 'Have you tried turning' }, { 'if-match': '"v1"' })
  const anew = await tom.put(`${path}/draft`, { body: 'Another beginning' })

  assert.deepEqual([late.status, late.body.current_version], [412, 2])
  assert.deepEqual([anew.status, anew.body.version], [201, 3])
  const rows = await desk.query('select body, discarded_at from drafts')
  assert.deepEqual(rows, [{ body: 'Another beginning', discarded_at: null }])
})

test('a draft says how many messages others have written since that its author may see', async (t) => {
  const desk = await openDesk(t)
  const { tom, tim, ada, path } = await openShop(desk)
  await tom.put(`${path}/draft`, { body: 'We look into it.' })
  await ada.put(`${path}/draft`, { body: 'Any news?' })
  const first = (await tom.get(`${path}/draft`)).headers.etag ?? ''

  await tim.post(`${path}/messages`, { body: 'It is the fuser.', visibility: 'internal' })
  await tom.post(`${path}/messages`, { body: 'Not only that.', visibility: 'internal' })
  const { body: reply } = await tim.post(`${path}/messages`, { body: 'Somebody is on the way.' })

  const [toms, adas] = [await draftOf(tom, path), await draftOf(ada, path)]
  assert.deepEqual([toms.is_stale, toms.new_message_count, toms.version], [true, 2, 1])
  assert.deepEqual([adas.is_stale, adas.new_message_count, adas.version], [true, 1, 1])
  // Its tag tells the one from the other, and still lets its author go on.
  assert.equal((await tom.get(`${path}/draft`, { 'if-none-match': first })).status, 200)
  const onwards = await tom.put(
    `${path}/draft`,
    { body: 'We look into it today.', last_message_id: reply.id },
    { 'if-match': first },
  )
  assert.deepEqual([onwards.status, onwards.body.is_stale, onwards.body.last_message_id], [200, false, reply.id])
  // Typing on says nothing about what was read.
  const typed = await ada.put(`${path}/draft`, { body: 'Any news today?' }, { 'if-match': '"v1"' })
  assert.deepEqual([typed.body.is_stale, typed.body.new_message_count], [true, 1])
  await tim.delete(`${path}/messages/${reply.id}`)
  assert.deepEqual((await draftOf(ada, path)).new_message_count, 0)
})

test('a draft can be based only on a message that its author sees', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path, raise } = await openShop(desk)
  const { body: note } = await tom.post(`${path}/messages`, { body: 'A note.', visibility: 'internal' })
  const elsewhere = await newest(ada, await raise('A chair'))

  for (const last_message_id of [note.id, elsewhere, 'msg_01kb2m8h5zf3v9w4q7n1x6c0td']) {
    const { status, body } = await ada.put(`${path}/draft`, { body: 'Any news?', last_message_id })
    assert.deepEqual([status, body.errors[0].pointer, body.errors[0].code], [422, '/last_message_id', 'not_found'])
  }
  assert.equal((await ada.put(`${path}/draft`, { body: 'Any news?' })).body.last_message_id, await newest(ada, path))
})

test('there is something in a draft, and it is as long as a message may be, in any letters', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path } = await openShop(desk)

  for (const [body, code] of [
    [{ body: ' \n' }, 'required'],
    [{ body: 'ж'.repeat(BODY_MAX + 1) }, 'too_long'],
    [{ body: 'A file.', attachment_ids: ['att_01kb2m8h5zf3v9w4q7n1x6c0td'] }, 'not_found'],
    [{ body: 'A secret.', visibility: 'hidden' }, 'not_allowed'],
  ] as const)
    assert.deepEqual((await tom.put(`${path}/draft`, body)).body.errors[0].code, code)
  assert.equal((await ada.put(`${path}/draft`, { body: 'A note.', visibility: 'internal' })).status, 422)
  assert.equal((await tom.put(`${path}/draft`, { body: 'ж'.repeat(BODY_MAX) })).status, 201)
})

test('the draft goes with the message that was made of it, and stays where it was typed on', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path } = await openShop(desk)
  const send = (person: Person, body: object, headers?: Record<string, string>) => person.post(`${path}/messages`, body, headers)
  await tom.put(`${path}/draft`, { body: 'On the way.' })

  assert.equal((await send(tom, { body: 'Something else.', draft_version: 7 })).status, 201)
  assert.equal((await draftOf(tom, path)).body, 'On the way.')
  const sent = await send(tom, { body: 'On the way.', draft_version: 1, client_id: 'c-1' }, { 'idempotency-key': 'k-1' })
  assert.equal(sent.status, 201)
  assert.equal((await tom.get(`${path}/draft`)).status, 404)
  await tom.put(`${path}/draft`, { body: 'One more thing' })
  const again = await send(tom, { body: 'On the way.', draft_version: 1, client_id: 'c-1' })
  assert.deepEqual([again.status, again.body.id], [200, sent.body.id])
  assert.equal((await draftOf(tom, path)).body, 'One more thing')
  // Closed in between: the reply goes on in a follow-up, and its draft, which belongs to the closed one, goes with it.
  await ada.put(`${path}/draft`, { body: 'It burns again.' })
  await ada.post(`${path}/close`)
  const late = await send(tom, { body: 'One more thing', draft_version: 3 })
  const followed = await send(ada, { body: 'It burns again.', draft_version: 1 })

  assert.deepEqual([late.status, (await draftOf(tom, path)).body], [409, 'One more thing'])
  assert.equal(followed.status, 201)
  assert.notEqual(`/v1/tickets/${followed.body.ticket_id}`, path)
  assert.equal((await ada.get(`${path}/draft`)).status, 404)
})

test('a draft outlives what others do, and the loss of sight', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, tim, ada, team, path, raise } = await openShop(desk)
  const other = await raise('A chair')
  await tom.put(`${path}/draft`, { body: 'A thought.', visibility: 'internal' })
  await tom.put(`${other}/draft`, { body: 'An answer.' })
  const { body: saved } = await tom.get(`${path}/draft`)

  await tim.post(`${path}/messages`, { body: 'A note.', visibility: 'internal' })
  await tim.patch(path, { subject: 'Another printer', status: 'pending' })
  await ada.post(`${path}/close`)
  assert.deepEqual(await draftOf(tom, path), { ...saved, is_stale: true, new_message_count: 1 })
  await root.delete(`/v1/teams/${team}/members/${tom.id}`)

  for (const one of [path, other]) assert.equal((await tom.get(`${one}/draft`)).status, 404)
  assert.deepEqual((await tom.get('/v1/me/drafts')).body.data, [])
  await root.put(`/v1/teams/${team}/members/${tom.id}`)
  assert.equal((await draftOf(tom, path)).body, 'A thought.')
  assert.equal((await tom.get('/v1/me/drafts')).body.data.length, 2)
})

test('a draft of a note hides from one who sees the public side only, who can write over it knowingly', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, tim, team, path } = await openShop(desk)
  await root.put(`${path}/participants/${tom.id}`, { role: 'cc' })
  const { body: note } = await tim.post(`${path}/messages`, { body: 'A note.', visibility: 'internal' })
  await tom.put(`${path}/draft`, { body: 'A thought.', visibility: 'internal', last_message_id: note.id })
  await root.delete(`/v1/teams/${team}/members/${tom.id}`)

  assert.equal((await tom.get(`${path}/draft`)).status, 404)
  assert.equal((await tom.delete(`${path}/draft`)).status, 404)
  assert.deepEqual((await tom.get('/v1/me/drafts')).body.data, [])
  const blind = await tom.put(`${path}/draft`, { body: 'Hello.' })
  assert.deepEqual([blind.status, blind.body.current_version], [412, 1])
  assert.match(blind.body.detail, /If-Match: \*/)
  const knowing = await tom.put(`${path}/draft`, { body: 'Hello.' }, { 'if-match': '*' })
  // What it was based on is a note, which he does not see.
  assert.deepEqual([knowing.status, knowing.body.visibility, knowing.body.last_message_id], [200, 'public', null])
})

test('one finds all his drafts, the last touched first, page by page', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ada, path, raise } = await openShop(desk)
  const paths = [path]
  for (const subject of ['Two', 'Three', 'Four']) paths.push(await raise(subject))
  for (const [i, one] of paths.entries()) {
    desk.clock.advance(i === 2 ? 0 : 1000)
    await tom.put(`${one}/draft`, { body: `Draft ${i}` })
  }
  await ada.post(`${paths[0]}/messages`, { body: 'Any news?' })
  await ada.put(`${paths[0]}/draft`, { body: 'Mine' })
  desk.clock.advance(1000)
  await tom.put(`${paths[1]}/draft`, { body: 'Draft 1, again' }, { 'if-match': '"v1"' })

  const walked: Json[] = []
  for (let next: string | undefined = '/v1/me/drafts?limit=1'; next; ) {
    const { body, headers } = await tom.get(next)
    walked.push(...body.data)
    next = /<([^>]+)>/.exec(headers.link ?? '')?.[1]
  }

  assert.deepEqual(
    walked.map(({ body }) => body),
    ['Draft 1, again', 'Draft 3', 'Draft 2', 'Draft 0'],
  )
  assert.deepEqual(
    walked.map(({ new_message_count }) => new_message_count),
    [0, 0, 0, 1],
  )
  assert.deepEqual((await tom.get('/v1/me/drafts')).body.data, walked)
  assert.equal((await ada.get('/v1/me/drafts')).body.data.length, 1)
  assert.deepEqual((await root.get('/v1/me/drafts')).body.data, [])
})

test('drafts are for people', async (t) => {
  const desk = await openDesk(t)
  const { root, path } = await openShop(desk)
  const { body: key } = await root.post('/v1/api-keys', { name: 'Bot', role: 'admin' })
  const bot = desk.bearer(key.secret)

  assert.equal((await bot.put(`${path}/draft`, { body: 'Beep' })).status, 403)
  assert.equal((await bot.get('/v1/me/drafts')).status, 403)
  // There is none that could go with it.
  assert.equal((await bot.post(`${path}/messages`, { body: 'Beep', draft_version: 1 })).status, 201)
})

test('with the ticket its drafts are gone, and what is left of discarded ones after a month', async (t) => {
  const desk = await openDesk(t)
  const { root, tom, ada, path, raise } = await openShop(desk)
  const other = await raise('A chair')
  for (const person of [tom, ada]) await person.put(`${path}/draft`, { body: 'Begun' })
  for (const person of [tom, ada]) await person.put(`${other}/draft`, { body: 'Begun' })
  await tom.delete(`${other}/draft`)

  await root.delete(path)
  await desk.settle()
  const [left] = await desk.query('select count(*) as count from drafts')
  desk.clock.advance(31 * 86_400_000)
  const { pruneDrafts } = await import('./commands/prune-drafts.ts')
  const { pruned } = await desk.app.transact(pruneDrafts)

  assert.equal(Number(left.count), 2)
  assert.equal(pruned, 1)
  // What somebody has begun and not discarded is kept as long as its ticket.
  const rows = await desk.query('select author_id, body from drafts')
  assert.deepEqual(rows, [{ author_id: ada.id, body: 'Begun' }])
})

test('an upload that stands in a draft is needed still', async (t) => {
  const desk = await openDesk(t)
  const { tom, ada, path } = await openShop(desk)
  const [one, two] = ['att_01kb2m8h5zf3v9w4q7n1x6c0td', 'att_01kb2m8h5zf3v9w4q7n1x6c0te']
  for (const person of [tom, ada]) await person.put(`${path}/draft`, { body: 'With a file.' })
  await desk.database.write((db) =>
    db
      .updateTable('drafts')
      .set({ attachment_ids: `["${one}"]`, attachment_count: 1 })
      .where('author_id', '=', tom.id)
      .execute(),
  )

  assert.deepEqual([...(await attachmentsInDrafts(desk.database.reader, [one, two]))], [one])
  await tom.delete(`${path}/draft`)
  assert.equal((await attachmentsInDrafts(desk.database.reader, [one, two])).size, 0)
})
