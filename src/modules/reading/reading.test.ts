import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'

const MINUTE = 60_000

async function raise(caller: Caller, subject: string, more: object = {}): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: `${subject}.`, ...more })).body
}

async function say(caller: Caller, ticket: Json, body: string, more: object = {}): Promise<Json> {
  const reply = await caller.post(`/v1/tickets/${ticket.id}/messages`, { body, ...more })
  assert.equal(reply.status, 201, reply.text)
  return reply.body
}

function note(caller: Caller, ticket: Json, body: string): Promise<Json> {
  return say(caller, ticket, body, { visibility: 'internal' })
}

function mark(caller: Caller, ticket: Json, given: object = {}) {
  return caller.put(`/v1/tickets/${ticket.id}/read`, given)
}

async function unread(caller: Caller, ticket: Json): Promise<number> {
  return (await caller.get(`/v1/tickets/${ticket.id}`)).body.unread_count
}

async function firstOf(caller: Caller, ticket: Json): Promise<Json> {
  return (await caller.get(`/v1/tickets/${ticket.id}/messages?limit=1`)).body.data[0]
}

/** Who has read up to what, as somebody sees it, by names. */
async function marks(caller: Caller, ticket: Json): Promise<Record<string, Json>> {
  const { body } = await caller.get(`/v1/tickets/${ticket.id}/read-marks`)
  return Object.fromEntries(body.data.map(({ user_id, last_read_message_id }: Json) => [user_id, last_read_message_id]))
}

test('what others have written counts as unread until somebody says that he has read it', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const first = await firstOf(ada, fire)
  desk.clock.advance(MINUTE)
  const answer = await say(tom, fire, 'We come.')
  desk.clock.advance(MINUTE)
  const inside = await note(tom, fire, 'Bring the ladder.')
  await desk.announcements()

  assert.deepEqual([await unread(tom, fire), await unread(ada, fire)], [1, 1])
  const before = await tom.get(`/v1/tickets/${fire.id}`)
  const said = await mark(ada, fire)
  const { updated_at: _, ...own } = said.body
  assert.deepEqual(
    [said.status, own],
    [
      200,
      {
        object: 'read_mark',
        ticket_id: fire.id,
        user_id: ada.id,
        name: ada.name,
        last_read_message_id: answer.id,
        last_read_at: '2026-11-22T09:02:00.000Z',
        last_delivered_message_id: answer.id,
        last_delivered_at: '2026-11-22T09:02:00.000Z',
        unread_count: 0,
      },
    ],
  )
  assert.equal(await unread(ada, fire), 0)
  assert.equal((await mark(tom, fire, { message_id: first.id })).body.last_read_message_id, first.id)
  assert.equal((await mark(tom, fire)).body.last_read_message_id, inside.id)

  const after = await tom.get(`/v1/tickets/${fire.id}`)
  assert.deepEqual([after.headers.etag, after.body.version], [before.headers.etag, before.body.version])
  await desk.announced([])
})

test('a mark never goes back, and no key has one', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const [fire, other] = [await raise(ada, 'Fire'), await raise(tom, 'Other')]
  const first = await firstOf(ada, fire)
  const second = await say(ada, fire, 'It burns.')
  const hidden = await note(tom, fire, 'A note.')
  const foreign = await firstOf(tom, other)

  assert.equal((await mark(tom, fire, { message_id: second.id })).body.last_read_message_id, second.id)
  const back = await mark(tom, fire, { message_id: first.id })
  assert.deepEqual([back.status, back.body.last_read_message_id, back.body.unread_count], [200, second.id, 0])

  const { secret } = (await root.post('/v1/api-keys', { name: 'Bot', role: 'agent' })).body
  const replies = [
    await mark(desk.bearer(secret), fire),
    await mark(ada, other),
    await mark(ada, fire, { message_id: hidden.id }),
    await mark(tom, fire, { message_id: foreign.id }),
    await mark(tom, fire, { message_id: 'msg_01kb2m8h5zf3v9w4q7n1x6c0td' }),
    await mark(tom, fire, { state: 'seen' }),
  ]
  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.code]),
    [[403, 'forbidden'], ...Array.from({ length: 4 }, () => [404, 'not_found']), [422, 'validation_failed']],
  )
  assert.equal((await desk.bearer(secret).get(`/v1/tickets/${fire.id}`)).body.unread_count, undefined)
})

test('of notes that were read the public side learns nothing, of public messages it does', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const first = await firstOf(ada, fire)
  await mark(tom, fire)
  const look = async () => (await ada.get(`/v1/tickets/${fire.id}/read-marks`)).body
  const before = await look()
  desk.clock.advance(MINUTE)
  const inside = await note(tom, fire, 'A note.')
  await mark(tom, fire)

  assert.deepEqual(await look(), before)
  assert.deepEqual(await marks(ada, fire), { [ada.id]: null, [tom.id]: first.id })
  assert.deepEqual(await marks(tom, fire), { [ada.id]: null, [tom.id]: inside.id })

  const followed = await tom.put(`/v1/tickets/${fire.id}/participants/${(await desk.person({ role: 'agent' })).id}`, {
    role: 'follower',
  })
  assert.equal(followed.status, 200)
  assert.deepEqual(await look(), before)
})

test('a message says who has got it and who has read it, a note only to staff', async (t) => {
  const desk = await openDesk(t)
  const [tom, eve, ada, bob] = [
    await desk.person({ role: 'agent' }),
    await desk.person({ role: 'agent' }),
    await desk.person(),
    await desk.person(),
  ]
  const fire = await raise(ada, 'Fire')
  await tom.post(`/v1/tickets/${fire.id}/claim`)
  await tom.put(`/v1/tickets/${fire.id}/participants/${bob.id}`)
  const answer = await say(tom, fire, 'We come.')
  const inside = await note(tom, fire, 'A note.')
  const receipts = async (caller: Caller, message: Json) => {
    const { status, body } = await caller.get(`/v1/tickets/${fire.id}/messages/${message.id}/receipts`)
    return status === 200 ? Object.fromEntries(body.data.map(({ user, state }: Json) => [user.id, state])) : status
  }

  assert.deepEqual(await receipts(tom, answer), { [ada.id]: 'sent', [bob.id]: 'sent' })
  await mark(bob, fire, { state: 'delivered' })
  desk.clock.advance(MINUTE)
  await mark(ada, fire)
  assert.deepEqual(await receipts(tom, answer), { [ada.id]: 'read', [bob.id]: 'delivered' })
  assert.deepEqual(await receipts(ada, answer), { [ada.id]: 'read', [bob.id]: 'delivered' })

  assert.equal(await receipts(ada, inside), 404)
  assert.deepEqual(await receipts(tom, inside), {})
  await mark(eve, fire)
  assert.deepEqual(await receipts(tom, inside), { [eve.id]: 'read' })
  const { body } = await tom.get(`/v1/tickets/${fire.id}/messages/${answer.id}/receipts`)
  const own = body.data.find(({ user }: Json) => user.id === ada.id)
  assert.deepEqual(own, {
    user: { id: ada.id, name: ada.name },
    state: 'read',
    delivered_at: '2026-11-22T09:01:00.000Z',
    read_at: '2026-11-22T09:01:00.000Z',
  })
})

test('counts stand in lists and views, without retracted messages, and who has an older one is not told that nothing changed', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const smoke = await raise(tom, 'Smoke')
  const more = await say(ada, fire, 'It burns.')
  const view = (await tom.post('/v1/views', { name: 'All' })).body
  const counts = async (path: string) =>
    Object.fromEntries(
      (await tom.get(`${path}?include=unread_count`)).body.data.map(({ id, unread_count }: Json) => [id, unread_count]),
    )

  assert.deepEqual(await counts('/v1/tickets'), { [fire.id]: 2, [smoke.id]: 0 })
  assert.deepEqual(await counts(`/v1/views/${view.id}/tickets`), { [fire.id]: 2, [smoke.id]: 0 })
  await ada.delete(`/v1/tickets/${fire.id}/messages/${more.id}`)
  assert.deepEqual(await counts('/v1/tickets'), { [fire.id]: 1, [smoke.id]: 0 })

  const path = `/v1/tickets/${fire.id}`
  const { etag = '' } = (await tom.get(path)).headers
  const known = { 'if-none-match': etag }
  assert.equal((await tom.get(path, known)).status, 304)
  await mark(tom, fire)
  const fresh = await tom.get(path, known)
  assert.deepEqual([fresh.status, fresh.headers.etag, fresh.body.unread_count], [200, etag, 0])
  await say(ada, fire, 'Still there?')
  const next = await tom.get(path, known)
  assert.deepEqual([next.status, next.body.unread_count], [200, 1])
  assert.equal((await tom.get(path, { 'if-none-match': next.headers.etag ?? '' })).status, 304)
})

test('the count is the same with the conversation and without it, however long that is', async (t) => {
  const desk = await openDesk(t)
  const [tom, eve, ada] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const said = [await firstOf(ada, fire)]
  for (let i = 0; i < 104; i++) {
    const [author, write] = [[ada, say] as const, [tom, say] as const, [eve, note] as const][i % 3] ?? [ada, say]
    said.push(await write(author, fire, `Message ${i}`))
  }
  const retracted = [90, 92]
  for (const [i, author] of [[90, eve] as const, [92, tom] as const])
    assert.equal((await author.delete(`/v1/tickets/${fire.id}/messages/${said[i].id}`)).status, 200)
  const counts = async (reader: Caller) => [
    await unread(reader, fire),
    (await reader.get(`/v1/tickets/${fire.id}?include=messages`)).body.unread_count,
    (await reader.get('/v1/tickets?include=unread_count')).body.data[0].unread_count,
  ]

  for (const upTo of [-1, 2, 88, 100, 104])
    for (const [reader, seesNotes] of [[tom, true] as const, [eve, true] as const, [ada, false] as const]) {
      const isShown = ({ visibility }: Json) => seesNotes || visibility === 'public'
      if (upTo >= 0) await mark(reader, fire, { message_id: said[upTo].id })
      const isNew = (one: Json, i: number) => i > upTo && one.author.id !== reader.id && isShown(one) && !retracted.includes(i)
      const count = said.filter(isNew).length
      assert.deepEqual(await counts(reader), [count, count, count], `${reader.name} up to ${upTo}`)
    }
})

test('where the log stood is told before what is read', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  await desk.settle()
  const { position } = (await tom.get(`/v1/tickets/${fire.id}?include=position,messages`)).body

  assert.deepEqual((await tom.get(`/v1/events?after=${position}`)).body.data, [])
  assert.equal((await tom.get('/v1/tickets?include=position,total')).body.position, position)
  const view = (await tom.post('/v1/views', { name: 'All' })).body
  await desk.settle()
  assert.equal((await tom.get(`/v1/views/${view.id}/tickets?include=position`)).body.total, undefined)
  await say(ada, fire, 'It burns.')
  await desk.settle()
  const { data } = (await tom.get(`/v1/events?after=${position}`)).body
  assert.equal(data.at(-1).type, 'message.created')
  const { etag = '' } = (await tom.get(`/v1/tickets/${fire.id}`)).headers
  assert.equal((await tom.get(`/v1/tickets/${fire.id}?include=position`, { 'if-none-match': etag })).status, 200)
})

test('a deleted ticket leaves no marks', async (t) => {
  const desk = await openDesk(t)
  const [root, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  await mark(root, fire)
  assert.equal((await desk.query('select * from read_marks')).length, 1)

  await root.delete(`/v1/tickets/${fire.id}`)
  await desk.settle()

  assert.deepEqual(await desk.query('select * from read_marks'), [])
})

test('two devices that read on at the same moment leave the mark where the further one is', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const said = [await firstOf(ada, fire)]
  for (const body of ['One.', 'Two.', 'Three.', 'Four.']) said.push(await say(ada, fire, body))

  const replies = await Promise.all([...said, ...said.toReversed()].map(({ id }) => mark(tom, fire, { message_id: id })))

  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]))
  assert.deepEqual((await marks(tom, fire))[tom.id], said.at(-1).id)
})
