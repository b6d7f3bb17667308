import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'

async function raise(caller: Caller, subject: string, more: object = {}): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: `${subject}.`, ...more })).body
}

async function say(caller: Caller, ticket: Json, body: string, more: object = {}): Promise<Json> {
  return (await caller.post(`/v1/tickets/${ticket.id}/messages`, { body, ...more })).body
}

function split(caller: Caller, ticket: Json, { ids, ...more }: { ids: string[] } & Record<string, unknown>) {
  return caller.post(`/v1/tickets/${ticket.id}/split`, { message_ids: ids, ...more })
}

async function read(caller: Caller, ticket: Json): Promise<string[]> {
  return (await caller.get(`/v1/tickets/${ticket.id}/messages?limit=100`)).body.data.map(({ body }: Json) => body)
}

test('two things that were said in one ticket become two tickets, linked with each other', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const fire = await raise(ada, 'Fire')
  await tom.put(`/v1/tickets/${fire.id}/participants/${bob.id}`)
  desk.clock.advance(1000)
  const lift = await say(bob, fire, 'By the way, the lift is stuck.')
  desk.clock.advance(1000)
  const note = await say(tom, fire, 'The lift again.', { visibility: 'internal' })
  desk.clock.advance(1000)
  const yes = await say(ada, fire, 'Yes, I hear them.')
  await say(tom, fire, 'We come.')
  await desk.announcements()

  const made = await split(tom, fire, { ids: [yes.id, note.id, lift.id], subject: 'The lift' })

  assert.equal(made.status, 201)
  const { id, subject, status, requester_id, message_count, last_message_at, merged_into_id } = made.body
  assert.deepEqual([subject, status, requester_id, message_count, merged_into_id], ['The lift', 'new', bob.id, 3, null])
  assert.equal(last_message_at, '2026-11-22T09:00:03.000Z')
  assert.equal(made.headers.location, `/v1/tickets/${id}`)
  const { unread_count, ...reread } = (await tom.get(`/v1/tickets/${id}`)).body
  assert.deepEqual([unread_count, reread], [2, made.body])
  assert.equal((await tom.get(`/v1/tickets/${id}`)).headers.etag, made.headers.etag)
  const lines = ['By the way, the lift is stuck.', 'The lift again.', 'Yes, I hear them.']
  assert.deepEqual(await read(tom, made.body), lines)
  assert.deepEqual(await read(ada, made.body), [lines[0], lines[2]])
  assert.deepEqual(await read(bob, fire), ['Fire.', 'We come.'])
  assert.deepEqual(await read(tom, fire), ['Fire.', 'We come.'])
  const left = (await tom.get(`/v1/tickets/${fire.id}`)).body
  assert.deepEqual([left.message_count, left.status], [2, 'open'])
  const [link] = (await tom.get(`/v1/tickets/${id}/links`)).body.data
  assert.deepEqual([link.kind, link.ticket_id], ['split_from', fire.id])
  const stays = await tom.delete(`/v1/tickets/${fire.id}/links/${link.id}`)
  assert.equal(stays.body.code, 'link_stays')

  const told = (await desk.announcements()).map(({ type, visibility, subject_id, data }) => [
    type,
    visibility,
    subject_id,
    data.message_ids ?? data.user_id ?? data.kind ?? null,
  ])
  assert.deepEqual(told, [
    ['ticket.created', 'public', id, null],
    ['ticket.split_off', 'public', id, [lift.id, yes.id]],
    ['ticket.split_off', 'internal', id, [note.id]],
    ['ticket.participant_added', 'public', id, ada.id],
    ['ticket.split', 'public', fire.id, [lift.id, yes.id]],
    ['ticket.split', 'internal', fire.id, [note.id]],
    ['ticket.linked', 'internal', id, 'split_from'],
    ['ticket.linked', 'internal', fire.id, 'split_into'],
  ])
  const more = await say(bob, made.body, 'They are out.')
  assert.equal(more.ticket_id, id)
  assert.equal((await read(bob, made.body)).at(-1), 'They are out.')
  assert.equal((await tom.get('/v1/tickets?q=hear')).body.data[0]?.id, id)
})

test('of notes that are split off no requester learns', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const note = await say(tom, fire, 'Buy another printer.', { visibility: 'internal' })
  await desk.settle()
  const look = async () => {
    const paths = [`/v1/tickets/${fire.id}`, `/v1/tickets/${fire.id}/events`, '/v1/tickets?sort=-updated_at', '/v1/events']
    const replies = []
    for (const path of paths) replies.push(await ada.get(path))
    return replies.map(({ body, headers }) => [body.data ?? body, headers.etag])
  }
  const before = await look()
  desk.clock.advance(1000)

  const made = await split(tom, fire, { ids: [note.id] })

  assert.deepEqual([made.status, made.body.requester_id, made.body.subject], [201, tom.id, 'Fire'])
  await desk.settle()
  assert.deepEqual(await look(), before)
  assert.equal((await ada.get(`/v1/tickets/${made.body.id}`)).status, 404)
  const { secret } = (await (await desk.person({ role: 'admin' })).post('/v1/api-keys', { name: 'Bot', role: 'agent' })).body
  const another = await say(tom, fire, 'And another.', { visibility: 'internal' })
  const byKey = await split(desk.bearer(secret), fire, { ids: [another.id] })
  assert.deepEqual([byKey.status, byKey.body.errors[0].pointer], [422, '/requester_id'])
})

test('only who has seen what goes sees it in the new ticket', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob, eve] = [
    await desk.person({ role: 'agent' }),
    await desk.person(),
    await desk.person(),
    await desk.person(),
  ]
  const fire = await raise(ada, 'Fire')
  await tom.put(`/v1/tickets/${fire.id}/participants/${bob.id}`)
  await tom.put(`/v1/tickets/${fire.id}/participants/${eve.id}`)
  const lift = await say(bob, fire, 'The lift is stuck.')
  const answer = await say(tom, fire, 'We look.')
  const gone = await say(eve, fire, 'I am here for a moment.')
  await eve.delete(`/v1/tickets/${fire.id}/participants/${eve.id}`)

  const made = await split(tom, fire, { ids: [lift.id] })
  assert.deepEqual([made.body.requester_id, (await ada.get(`/v1/tickets/${made.body.id}`)).status], [bob.id, 404])
  const ofStaff = await split(tom, fire, { ids: [answer.id] })
  assert.equal(ofStaff.body.requester_id, ada.id)
  const ofGone = await split(tom, fire, { ids: [gone.id] })
  assert.equal(ofGone.body.requester_id, ada.id)
  assert.equal((await eve.get(`/v1/tickets/${ofGone.body.id}`)).status, 404)

  const stranger = await desk.person()
  const last = await say(bob, fire, 'Once more.')
  for (const requester_id of [stranger.id, eve.id])
    assert.equal((await split(tom, fire, { ids: [last.id], requester_id })).body.errors[0].pointer, '/requester_id')
  assert.equal((await split(tom, fire, { ids: [last.id], requester_id: ada.id })).body.requester_id, ada.id)
})

test('something stays in the ticket that is split, and what does not belong to it does not go', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const [fire, other] = [await raise(ada, 'Fire'), await raise(ada, 'Other')]
  const first = (await tom.get(`/v1/tickets/${fire.id}/messages`)).body.data[0]
  const foreign = (await tom.get(`/v1/tickets/${other.id}/messages`)).body.data[0]
  const note = await say(tom, fire, 'A note.', { visibility: 'internal' })
  await desk.announcements()

  const replies = [
    await split(tom, fire, { ids: [first.id] }),
    await split(tom, fire, { ids: [first.id, note.id] }),
    await split(tom, fire, { ids: [note.id, foreign.id] }),
    await split(tom, fire, { ids: [] }),
    await split(tom, fire, { ids: Array.from({ length: 101 }, () => note.id) }),
    await split(ada, fire, { ids: [first.id] }),
  ]

  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.errors?.[0].pointer ?? body.code]),
    [
      [422, '/message_ids'],
      [422, '/message_ids'],
      [422, '/message_ids/1'],
      [422, '/message_ids'],
      [422, '/message_ids'],
      [403, 'forbidden'],
    ],
  )
  await tom.post(`/v1/tickets/${fire.id}/close`, {})
  assert.equal((await split(tom, fire, { ids: [note.id] })).body.code, 'ticket_closed')
  await desk.announced(['ticket.status_changed'])
})

test('a message that a merge brought is split away like any other', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const [fire, smoke] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke')]
  const [brought] = (await bob.get(`/v1/tickets/${smoke.id}/messages`)).body.data
  await tom.post(`/v1/tickets/${smoke.id}/merge`, { into_ticket_id: fire.id })

  const made = await split(tom, fire, { ids: [brought.id] })

  assert.deepEqual([made.body.requester_id, await read(bob, made.body)], [bob.id, ['Smoke.']])
  assert.deepEqual(await read(ada, fire), ['Fire.'])
})

test('the new ticket goes where its splitter says, even out of his sight', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const team = (await root.post('/v1/teams', { name: 'Vault' })).body.id
  const queue_id = (await root.post('/v1/queues', { key: 'vault', name: 'Vault', team_ids: [team] })).body.id
  const fire = await raise(ada, 'Fire')
  const money = await say(ada, fire, 'And the safe is open.')

  const made = await split(tom, fire, { ids: [money.id], queue_id })

  assert.deepEqual([made.status, made.body.queue_id, made.body.tags], [201, queue_id, undefined])
  assert.equal((await tom.get(`/v1/tickets/${made.body.id}`)).status, 404)
  assert.deepEqual((await tom.get(`/v1/tickets/${fire.id}/links`)).body.data, [])
  assert.deepEqual(await read(root, made.body), ['And the safe is open.'])
})

test('the manager of a company whose agent splits off notes learns nothing of another customer’s ticket', async (t) => {
  const desk = await openDesk(t)
  const root = await desk.person({ role: 'admin' })
  const { id: organization_id } = (await root.post('/v1/organizations', { name: 'Helpers' })).body
  const tom = await desk.person({ role: 'agent', organization_id })
  const boss = await desk.person({ organization_id, organization_role: 'manager' })
  const ada = await desk.person()
  const fire = (await ada.post('/v1/tickets', { subject: 'A secret fire', body: 'It burns.' })).body
  const note = (await tom.post(`/v1/tickets/${fire.id}/messages`, { body: 'A note.', visibility: 'internal' })).body
  const reply = (await ada.post(`/v1/tickets/${fire.id}/messages`, { body: 'Still.' })).body

  const ofNotes = await tom.post(`/v1/tickets/${fire.id}/split`, { message_ids: [note.id] })
  const ofReplies = await tom.post(`/v1/tickets/${fire.id}/split`, { message_ids: [reply.id], requester_id: tom.id })

  for (const { status, body } of [ofNotes, ofReplies]) {
    assert.deepEqual([status, body.requester_id, body.organization_id], [201, tom.id, null])
    assert.equal((await boss.get(`/v1/tickets/${body.id}`)).status, 404)
  }
})
