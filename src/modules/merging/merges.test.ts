import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Json, openDesk } from '../../../test/desk.ts'
import { insertRows } from '../../platform/database/prepared.ts'
import { newId } from '../../platform/ids.ts'

const MINUTE = 60_000

async function raise(caller: Caller, subject: string, more: object = {}): Promise<Json> {
  return (await caller.post('/v1/tickets', { subject, body: `${subject}.`, ...more })).body
}

function say(caller: Caller, ticket: Json, body: string, more: object = {}) {
  return caller.post(`/v1/tickets/${ticket.id}/messages`, { body, ...more })
}

function merge(caller: Caller, ticket: Json, into: Json) {
  return caller.post(`/v1/tickets/${ticket.id}/merge`, { into_ticket_id: into.id })
}

async function read(caller: Caller, ticket: Json): Promise<string[]> {
  return (await caller.get(`/v1/tickets/${ticket.id}/messages?limit=100`)).body.data.map(({ body }: Json) => body)
}

test('two tickets about one thing become one conversation, in the order in which things were said', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const fire = await raise(ada, 'Fire')
  desk.clock.advance(MINUTE)
  const smoke = await raise(bob, 'Smoke')
  desk.clock.advance(MINUTE)
  await say(ada, fire, 'It burns higher.')
  desk.clock.advance(MINUTE)
  const { id: note } = (await say(tom, smoke, 'Where there is smoke …', { visibility: 'internal' })).body
  const [said] = (await tom.get(`/v1/tickets/${smoke.id}/messages`)).body.data
  await tom.post(`/v1/tickets/${smoke.id}/tags`, { tags: ['grey', 'hot'] })
  await tom.post(`/v1/tickets/${fire.id}/tags`, { tags: ['hot'] })
  await desk.announcements()

  const merged = await tom.post(`/v1/tickets/${smoke.number}/merge`, { into_ticket_id: String(fire.number) })

  assert.equal(merged.status, 200)
  const { id, status, merged_into_id, message_count, last_message_at } = merged.body
  assert.deepEqual([id, status, merged_into_id, message_count, last_message_at], [smoke.id, 'closed', fire.id, 0, null])
  assert.deepEqual(await read(tom, fire), ['Fire.', 'Smoke.', 'It burns higher.', 'Where there is smoke …'])
  assert.deepEqual(await read(ada, fire), ['Fire.', 'Smoke.', 'It burns higher.'])
  const { body: whole } = await tom.get(`/v1/tickets/${fire.id}`)
  assert.deepEqual([whole.message_count, whole.tags, whole.merged_into_id], [4, ['grey', 'hot'], null])
  assert.equal(whole.last_message_at, '2026-11-22T09:03:00.000Z')
  const { body: seen } = await ada.get(`/v1/tickets/${fire.id}`)
  assert.deepEqual([seen.message_count, seen.last_message_at], [3, '2026-11-22T09:02:00.000Z'])

  const merge_id = (await tom.get(`/v1/tickets/${fire.id}/merges`)).body.data[0].id
  const told = (await desk.announcements()).map(({ type, visibility, subject_id, data }) => [type, visibility, subject_id, data])
  const came = { from_ticket_id: smoke.id, merge_id, message_count: 1 }
  assert.deepEqual(told, [
    ['ticket.merged', 'public', smoke.id, { into_ticket_id: fire.id, merge_id }],
    ['ticket.status_changed', 'public', smoke.id, { status: 'closed', status_category: 'closed' }],
    ['ticket.absorbed', 'public', fire.id, { ...came, message_ids: [said.id] }],
    ['ticket.absorbed', 'internal', fire.id, { ...came, message_ids: [note] }],
    ['ticket.participant_added', 'public', fire.id, { user_id: bob.id, role: 'cc' }],
    ['ticket.tagged', 'internal', fire.id, { tags: ['grey'] }],
  ])
})

test('whoever raised the merged ticket reads and writes on under its number', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const [fire, smoke] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke')]
  const early = await say(bob, smoke, 'It is grey.')
  await merge(tom, smoke, fire)
  await desk.announcements()

  assert.equal((await bob.get(`/v1/tickets/${smoke.number}`)).body.merged_into_id, fire.id)
  assert.deepEqual(await read(bob, smoke), ['Fire.', 'Smoke.', 'It is grey.'])
  const { messages } = (await bob.get(`/v1/tickets/${smoke.id}?include=messages`)).body
  assert.deepEqual(
    messages.map(({ body }: Json) => body),
    ['Fire.', 'Smoke.', 'It is grey.'],
  )
  const old = await bob.get(`/v1/tickets/${smoke.id}/messages/${early.body.id}`)
  assert.deepEqual([old.status, old.body.ticket_id, old.headers.etag], [200, fire.id, '"v2"'])

  const posted = await bob.post(`/v1/tickets/${smoke.number}/messages`, { body: 'Any news?', client_id: 'bob-1' })
  assert.deepEqual([posted.status, posted.body.ticket_id], [201, fire.id])
  assert.equal(posted.headers.location, `/v1/tickets/${fire.id}/messages/${posted.body.id}`)
  const told = await desk.announcements()
  assert.deepEqual(
    told.map(({ type, data }) => [type, data.addressed_ticket_id]),
    [['message.created', smoke.id]],
  )
  const again = await bob.post(`/v1/tickets/${smoke.id}/messages`, { body: 'Any news?', client_id: 'bob-1' })
  assert.deepEqual([again.status, again.body.id], [200, posted.body.id])

  const edited = await bob.patch(`/v1/tickets/${smoke.id}/messages/${early.body.id}`, { body: 'It is black.' })
  assert.deepEqual([edited.status, edited.body.ticket_id], [200, fire.id])
  const note = await say(tom, smoke, 'Same fire.', { visibility: 'internal' })
  assert.deepEqual([note.status, note.body.ticket_id], [201, fire.id])
  assert.deepEqual(await read(tom, fire), ['Fire.', 'Smoke.', 'It is black.', 'Any news?', 'Same fire.'])
  assert.equal((await bob.get('/v1/tickets?q=black')).body.data[0]?.id, fire.id)
})

test('a merged ticket is closed for everything else', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const [fire, smoke, soot] = [await raise(ada, 'Fire'), await raise(ada, 'Smoke'), await raise(ada, 'Soot')]
  await merge(tom, smoke, fire)
  await desk.announcements()
  const path = `/v1/tickets/${smoke.id}`

  const replies = [
    await tom.patch(path, { priority: 'high' }),
    await tom.post(`${path}/reopen`),
    await ada.post(`${path}/reopen`),
    await tom.post(`${path}/claim`),
    await tom.put(`${path}/participants/${ada.id}`),
    await merge(tom, smoke, soot),
    await merge(tom, soot, smoke),
    await tom.post(`${path}/split`, { message_ids: ['msg_01kb2m8h5zf3v9w4q7n1x6c0td'] }),
  ]

  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.code, body.merged_into_id]),
    [
      [409, 'ticket_closed', undefined],
      [409, 'transition_not_allowed', undefined],
      [409, 'transition_not_allowed', undefined],
      [409, 'ticket_closed', undefined],
      [409, 'ticket_closed', undefined],
      [409, 'ticket_merged', fire.id],
      [409, 'ticket_merged', fire.id],
      [409, 'ticket_merged', fire.id],
    ],
  )
  await desk.announced([])
})

test('only open tickets are merged, by who works on both, and never into themselves', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const team = (await root.post('/v1/teams', { name: 'Vault' })).body.id
  const queue_id = (await root.post('/v1/queues', { key: 'vault', name: 'Vault', team_ids: [team] })).body.id
  const [fire, smoke] = [await raise(ada, 'Fire'), await raise(ada, 'Smoke')]
  const [hidden, seenOnly] = [await raise(root, 'Hidden', { queue_id }), await raise(tom, 'Seen', { queue_id })]
  await root.post(`/v1/tickets/${smoke.id}/close`, {})
  await desk.announcements()

  const replies = [
    await merge(tom, fire, fire),
    await merge(tom, fire, hidden),
    await merge(tom, fire, { id: '987654' }),
    await merge(tom, fire, seenOnly),
    await merge(tom, seenOnly, fire),
    await merge(tom, hidden, fire),
    await merge(ada, fire, smoke),
    await merge(tom, fire, smoke),
    await merge(tom, smoke, fire),
    await ada.get(`/v1/tickets/${fire.id}/merges`),
    await tom.post(`/v1/tickets/${fire.id}/merge`, { into_ticket_id: hidden.id }, { 'if-match': '"i99"' }),
  ]

  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.errors?.[0].code ?? body.code]),
    [
      [422, 'same_ticket'],
      ...Array.from({ length: 3 }, () => [422, 'not_found']),
      [403, 'forbidden'],
      [404, 'not_found'],
      [403, 'forbidden'],
      [409, 'ticket_closed'],
      [409, 'ticket_closed'],
      [403, 'forbidden'],
      [422, 'not_found'],
    ],
  )
  assert.deepEqual(replies[1]?.body.errors, replies[2]?.body.errors)
  await desk.announced([])
})

test('what is written to the first of a chain of merged tickets goes to the last', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const [a, b, c] = [await raise(ada, 'A'), await raise(ada, 'B'), await raise(ada, 'C')]
  await merge(tom, a, b)
  await merge(tom, b, c)

  assert.equal((await say(ada, a, 'To A.')).body.ticket_id, c.id)
  assert.equal((await say(tom, b, 'To B.')).body.ticket_id, c.id)
  assert.deepEqual(await read(ada, a), ['C.', 'B.', 'A.', 'To A.', 'To B.'])
  assert.deepEqual((await tom.get(`/v1/tickets/${a.id}`)).body.merged_into_id, b.id)
})

test('who no longer sees the other ticket, or where that is closed, goes on in a follow-up of his own', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const [fire, smoke, soot] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke'), await raise(bob, 'Soot')]
  await merge(tom, smoke, fire)
  await merge(tom, soot, fire)
  assert.equal((await bob.delete(`/v1/tickets/${fire.id}/participants/${bob.id}`)).status, 204)

  assert.deepEqual(await read(bob, smoke), [])
  const unseen = await say(bob, smoke, 'And now?')
  assert.equal(unseen.status, 201)
  const followUp = await bob.get(`/v1/tickets/${unseen.body.ticket_id}`)
  assert.deepEqual([followUp.body.follow_up_of_id, followUp.body.subject], [smoke.id, 'Smoke'])
  assert.equal((await bob.get(`/v1/tickets/${fire.id}`)).status, 404)

  await tom.put(`/v1/tickets/${fire.id}/participants/${bob.id}`)
  await tom.post(`/v1/tickets/${fire.id}/close`, {})
  const closed = await say(bob, soot, 'Still there.')
  assert.equal((await bob.get(`/v1/tickets/${closed.body.ticket_id}`)).body.follow_up_of_id, soot.id)
  assert.equal((await say(tom, soot, 'Hello?')).body.code, 'ticket_closed')
  assert.equal((await say(tom, soot, 'A note.', { visibility: 'internal' })).body.ticket_id, fire.id)
})

test('staff who do not see the other ticket leave nothing in the merged one', async (t) => {
  const desk = await openDesk(t)
  const [root, tom, ada] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' }), await desk.person()]
  const team = (await root.post('/v1/teams', { name: 'Vault' })).body.id
  const queue_id = (await root.post('/v1/queues', { key: 'vault', name: 'Vault', team_ids: [team] })).body.id
  const [hidden, smoke] = [await raise(root, 'Hidden', { queue_id }), await raise(ada, 'Smoke')]
  await merge(root, smoke, hidden)
  await desk.announcements()

  const note = await say(tom, smoke, 'Where is it?', { visibility: 'internal' })
  assert.deepEqual([note.status, note.body.code, note.body.merged_into_id], [409, 'ticket_merged', hidden.id])
  assert.equal((await say(tom, smoke, 'Where is it?')).body.code, 'ticket_closed')
  assert.deepEqual(await read(tom, smoke), [])
  const log = await tom.get(`/v1/tickets/${smoke.id}/events?include=object&type=message.created`)
  assert.deepEqual(
    log.body.data.map(({ object }: Json) => object),
    [null],
  )
  assert.equal((await tom.post(`/v1/tickets/${smoke.id}/unmerge`)).status, 403)
  await desk.announced([])

  const own = await root.get(`/v1/tickets/${smoke.id}/events?include=object&type=message.created`)
  assert.equal(own.body.data[0].object.ticket_id, hidden.id)
})

test('notes alone that come in move nothing that requesters of the other ticket see', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const first = await say(tom, fire, 'Look at the fuse.', { visibility: 'internal' })
  const split = await tom.post(`/v1/tickets/${fire.id}/split`, { message_ids: [first.body.id], subject: 'The fuse' })
  desk.clock.advance(MINUTE)
  await desk.settle()
  const look = async () => {
    const replies = [
      await ada.get(`/v1/tickets/${fire.id}`),
      await ada.get(`/v1/tickets/${fire.id}/messages`),
      await ada.get(`/v1/tickets/${fire.id}/events`),
    ]
    return replies.map(({ text, headers }) => [text, headers.etag])
  }
  const before = await look()

  assert.equal((await merge(tom, split.body, fire)).status, 200)

  await desk.settle()
  assert.deepEqual(await look(), before)
  assert.equal((await tom.post(`/v1/tickets/${split.body.id}/unmerge`)).status, 200)
  await desk.settle()
  assert.deepEqual(await look(), before)
})

test('where the tags of both are more than a ticket takes, nothing is merged', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const tags = (from: number) => Array.from({ length: 30 }, (_, i) => `tag-${from + i}`)
  const [fire, smoke] = [await raise(tom, 'Fire', { tags: tags(0) }), await raise(tom, 'Smoke', { tags: tags(30) })]
  await desk.announcements()

  assert.equal((await merge(tom, smoke, fire)).body.code, 'too_many_tags')

  await desk.announced([])
  assert.deepEqual(await read(tom, smoke), ['Smoke.'])
  assert.deepEqual(await desk.query('select * from ticket_merges'), [])
})

test('a walk through a conversation skips and doubles nothing of it while another one comes in', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  for (let i = 0; i < 6; i++) {
    desk.clock.advance(MINUTE)
    await say(tom, i % 2 ? smoke : fire, `${i}`)
  }
  const page = async (path: string) => (await tom.get(path)).body
  const list = `/v1/tickets/${fire.id}/messages?limit=2`
  const first = await page(list)

  await merge(tom, smoke, fire)

  const second = await page(`${list}&cursor=${first.next_cursor}`)
  const third = await page(`${list}&cursor=${second.next_cursor}`)
  const walked = [first, second, third].flatMap(({ data }) => data.map(({ body }: Json) => body))
  assert.deepEqual(walked, ['Fire.', '0', '1', '2', '3', '4'])
})

test('a cursor of a ticket that was merged meanwhile does not count', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  await say(tom, smoke, 'More.')
  const list = `/v1/tickets/${smoke.id}/messages?limit=1`
  const { next_cursor } = (await tom.get(list)).body

  await merge(tom, smoke, fire)

  assert.equal((await tom.get(`${list}&cursor=${next_cursor}`)).body.code, 'cursor_mismatch')
  const anew = (await tom.get(list)).body
  assert.equal((await tom.get(`${list}&cursor=${anew.next_cursor}`)).status, 200)
})

test('a retry of a merge, and of a reply before it, gets the first answer', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  const reply = () => tom.post(`/v1/tickets/${smoke.id}/messages`, { body: 'Hello.' }, { 'idempotency-key': 'reply' })
  const first = await reply()
  const go = () => tom.post(`/v1/tickets/${smoke.id}/merge`, { into_ticket_id: fire.id }, { 'idempotency-key': 'merge' })
  const merged = await go()
  await desk.announcements()

  const replies = [await go(), await reply()]

  assert.deepEqual(
    replies.map(({ body, headers }) => [body, headers['idempotent-replayed']]),
    [
      [merged.body, 'true'],
      [first.body, 'true'],
    ],
  )
  await desk.announced([])
})

test('a snoozed ticket that is merged does not wake, and its place in line is free', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  const pending_until = new Date(desk.clock.now() + 5 * MINUTE).toISOString()
  await tom.patch(`/v1/tickets/${smoke.id}`, { status: 'pending', pending_until })
  await merge(tom, smoke, fire)
  await desk.announcements()

  desk.clock.advance(7 * MINUTE)

  await desk.announced([])
  assert.deepEqual((await tom.get(`/v1/tickets/${smoke.id}`)).body.pending_until, null)
})

test('with a deleted ticket goes what came into it, and kept answers with it', async (t) => {
  const desk = await openDesk(t)
  const [root, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const [fire, smoke] = [await raise(root, 'Fire'), await raise(ada, 'Smoke')]
  const reply = () => ada.post(`/v1/tickets/${smoke.id}/messages`, { body: 'A secret.' }, { 'idempotency-key': 'reply' })
  await reply()
  await merge(root, smoke, fire)

  await root.delete(`/v1/tickets/${fire.id}`)
  await desk.settle()

  assert.deepEqual(await read(ada, smoke), [])
  const again = await reply()
  assert.deepEqual([again.status, again.body.code], [409, 'idempotency_answer_gone'])
  assert.equal((await root.post(`/v1/tickets/${smoke.id}/unmerge`)).body.code, 'merge_undo_over')
})

test('a conversation of thousands is moved whole and comes back whole; one of more than ten thousand is refused', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const [fire, smoke] = [await raise(tom, 'Fire'), await raise(tom, 'Smoke')]
  const write = (ticket: Json, { from, to }: { from: number; to: number }) =>
    desk.database.write(async (db) => {
      const first = await db.selectFrom('messages').selectAll().where('ticket_id', '=', ticket.id).executeTakeFirstOrThrow()
      const numbers = Array.from({ length: to - from }, (_, i) => from + i)
      for (let i = 0; i < numbers.length; i += 500)
        await insertRows(
          db,
          'messages',
          numbers.slice(i, i + 500).map((number) => ({
            ...{ ...first, id: newId('msg'), place: number * 2 ** 20, body: `${number}` },
            created_at: first.created_at + 2 * number + (ticket === fire ? 1 : 0),
          })),
        )
      await db.updateTable('tickets').set({ last_seq: to }).where('id', '=', ticket.id).execute()
    })
  for (const ticket of [fire, smoke]) await write(ticket, { from: 10, to: 1300 })
  const inOrder = async (ticket: Json) => {
    const rows = await desk.query('select id, created_at from messages where ticket_id = ? order by place', [ticket.id])
    assert.ok(rows.every(({ created_at }, i) => i === 0 || created_at >= rows[i - 1].created_at))
    return rows.map(({ id }) => id)
  }
  const before = [await inOrder(fire), await inOrder(smoke)]

  assert.equal((await merge(tom, smoke, fire)).body.message_count, 0)
  const together = await inOrder(fire)
  assert.equal(together.length, 2582)
  await desk.settle()
  const { body: log } = await tom.get(`/v1/tickets/${fire.id}/events?type=ticket.absorbed`)
  const [{ data: came }] = log.data
  assert.equal(came.message_count, 1291)
  assert.deepEqual(came.message_ids, together.filter((id) => before[1]?.includes(id)).slice(0, 100))
  assert.equal((await tom.get(`/v1/tickets/${fire.id}`)).body.message_count, 2582)
  assert.equal((await tom.post(`/v1/tickets/${smoke.id}/unmerge`)).body.message_count, 1291)
  assert.deepEqual([await inOrder(fire), await inOrder(smoke)], before)

  await write(smoke, { from: 1300, to: 10_010 })
  assert.equal((await merge(tom, smoke, fire)).body.code, 'too_many_messages')
})

test('where both together have more people than a ticket takes, nothing is merged; whom both have counts once', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob] = [await desk.person({ role: 'agent' }), await desk.person(), await desk.person()]
  const [fire, smoke, soot] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke'), await raise(bob, 'Soot')]
  const people = Array.from({ length: 101 }, () => newId('usr'))
  const takeIn = (ticket: Json, ids: readonly string[]) =>
    desk.app.transact((tx) =>
      insertRows(
        tx.db,
        'ticket_participants',
        ids.map((user_id) => ({ ticket_id: ticket.id, user_id, role: 'cc' as const, created_at: tx.now })),
      ),
    )
  await takeIn(fire, people.slice(0, 99))
  await takeIn(smoke, people.slice(98))
  await takeIn(soot, people.slice(0, 90))
  await desk.announcements()

  const refused = await merge(tom, smoke, fire)

  assert.deepEqual([refused.status, refused.body.code], [409, 'too_many_participants'])
  assert.equal((await tom.get(`/v1/tickets/${smoke.id}`)).body.merged_into_id, null)
  await desk.announced([])
  assert.equal((await merge(tom, soot, fire)).status, 200)
})

test('what was split away and deleted is not given again to who wrote it, nor written twice', async (t) => {
  const desk = await openDesk(t)
  const [root, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const fire = await raise(ada, 'Fire')
  const secret = () => ada.post(`/v1/tickets/${fire.id}/messages`, { body: 'A secret.' }, { 'idempotency-key': 'secret' })
  const { body: written } = await secret()
  await say(ada, fire, 'No secret.')
  const { body: apart } = await root.post(`/v1/tickets/${fire.id}/split`, { message_ids: [written.id] })

  await root.delete(`/v1/tickets/${apart.id}`)
  await desk.settle()

  const again = await secret()
  assert.deepEqual([again.status, again.body.code], [409, 'idempotency_answer_gone'])
  assert.deepEqual(await read(ada, fire), ['Fire.', 'No secret.'])
})

test('whoever has switched off the merged ticket is not called into the other one', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada, bob, eve] = [
    await desk.person({ role: 'agent' }),
    await desk.person(),
    await desk.person(),
    await desk.person(),
  ]
  const [fire, smoke] = [await raise(ada, 'Fire'), await raise(bob, 'Smoke')]
  await tom.put(`/v1/tickets/${smoke.id}/participants/${eve.id}`)
  for (const person of [bob, eve]) await person.patch(`/v1/tickets/${smoke.id}/participants/${person.id}`, { notify: 'none' })
  // Of the fire she has said something else before.
  await tom.put(`/v1/tickets/${fire.id}/participants/${eve.id}`)
  await eve.patch(`/v1/tickets/${fire.id}/participants/${eve.id}`, { notify: 'all' })
  await tom.delete(`/v1/tickets/${fire.id}/participants/${eve.id}`)

  await merge(tom, smoke, fire)

  const { data } = (await tom.get(`/v1/tickets/${fire.id}/participants`)).body
  const wants = new Map(data.map(({ user_id, notify }: Json) => [user_id, notify]))
  assert.deepEqual([wants.get(bob.id), wants.get(eve.id), wants.get(ada.id)], ['none', 'all', 'all'])
})
