import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

const printer = { subject: 'The printer is on fire', body: 'Smoke comes out of **tray 2**.' }

test('a requester raises a ticket, an agent answers it, both read the conversation, the requester closes it', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const tom = await desk.person({ role: 'agent' })

  const raised = await ada.post('/v1/tickets', printer)
  assert.equal(raised.status, 201)
  assert.equal(raised.headers.location, `/v1/tickets/${raised.body.id}`)
  assert.equal(raised.headers.etag, '"p1"')
  assert.equal(raised.body.status, 'new')
  assert.equal('assignee_id' in raised.body, false)
  await desk.announced(['ticket.created', 'message.created'])

  const answer = await tom.post(`/v1/tickets/${raised.body.number}/messages`, { body: 'Pull the plug, please.' })
  assert.equal(answer.status, 201)
  assert.deepEqual(answer.body.author, { id: tom.id, name: tom.name, kind: 'agent' })
  await desk.announced(['message.created', 'ticket.status_changed'])

  const conversation = await ada.get(`/v1/tickets/${raised.body.id}/messages`)
  assert.deepEqual(
    conversation.body.data.map(({ body }: { body: string }) => body),
    [printer.body, 'Pull the plug, please.'],
  )
  assert.match(conversation.body.data[0].body_html, /<strong>tray 2<\/strong>/)

  const closed = await ada.post(`/v1/tickets/${raised.body.id}/close`, { message: 'It is out. Thank you!' })
  assert.equal(closed.status, 200)
  assert.equal(closed.body.status, 'closed')
  assert.ok(closed.body.solved_at && closed.body.closed_at && closed.body.first_response_at)
  assert.deepEqual(closed.body.allowed_transitions, [])
  await desk.announced(['message.created', 'ticket.status_changed'])
})

test('an internal note moves nothing that a requester can see', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const tom = await desk.person({ role: 'agent' })
  const { body: ticket } = await ada.post('/v1/tickets', printer)
  const before = await ada.get(`/v1/tickets/${ticket.id}`)
  desk.clock.advance(60_000)

  const note = await tom.post(`/v1/tickets/${ticket.id}/messages`, { body: 'She did it again.', visibility: 'internal' })
  const tagged = await tom.post(`/v1/tickets/${ticket.id}/tags`, { tags: ['Fire', 'vip'] })
  await tom.post(`/v1/tickets/${ticket.id}/claim`)

  assert.equal(note.status, 201)
  assert.deepEqual(tagged.body.tags, ['fire', 'vip'])
  const after = await ada.get(`/v1/tickets/${ticket.id}`)
  // Claiming opened it, which she may see; the note and the tags she may not.
  assert.equal(after.body.status, 'open')
  assert.equal(after.body.version, before.body.version + 1)
  assert.equal(after.body.message_count, 1)
  assert.equal((await ada.get(`/v1/tickets/${ticket.id}/messages`)).body.data.length, 1)
  assert.equal((await ada.get(`/v1/tickets/${ticket.id}/messages/${note.body.id}`)).status, 404)
  await desk.settle()
  const events = await ada.get('/v1/events')
  assert.deepEqual(
    events.body.data.map(({ type }: { type: string }) => type),
    ['ticket.created', 'message.created', 'ticket.status_changed'],
  )
})

test('a reply of the requester wakes a pending and a solved ticket', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const tom = await desk.person({ role: 'agent' })
  const { body: ticket } = await ada.post('/v1/tickets', printer)

  for (const status of ['pending', 'solved']) {
    const set = await tom.patch(`/v1/tickets/${ticket.id}`, { status })
    assert.equal(set.body.status, status)
    await desk.settle()
    await desk.announcements()

    await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Still smoking.' })

    const woken = await tom.get(`/v1/tickets/${ticket.id}`)
    assert.equal(woken.body.status, 'open')
    assert.equal(woken.body.solved_at, null)
    await desk.announced(['message.created', 'ticket.status_changed'])
  }
})

test('a reply to a closed ticket opens a follow-up that points back', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const tom = await desk.person({ role: 'agent' })
  const { body: ticket } = await ada.post('/v1/tickets', printer)
  await ada.post(`/v1/tickets/${ticket.id}/close`)
  await desk.announcements()

  const reply = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'It burns again.', client_id: 'c-1' })
  const again = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'It burns again.', client_id: 'c-1' })

  assert.equal(reply.status, 201)
  assert.notEqual(reply.body.ticket_id, ticket.id)
  assert.equal(again.status, 200)
  assert.deepEqual(again.body, reply.body)
  const followUp = await ada.get(`/v1/tickets/${reply.body.ticket_id}`)
  assert.equal(followUp.body.follow_up_of_id, ticket.id)
  assert.equal(followUp.body.subject, printer.subject)
  await desk.announced(['ticket.created', 'message.created'])

  const refused = await tom.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Hello?' })
  assert.equal(refused.status, 409)
  assert.equal(refused.body.code, 'ticket_closed')
  assert.equal((await tom.post(`/v1/tickets/${ticket.id}/messages`, { body: 'n', visibility: 'internal' })).status, 201)
})

test('transitions are enforced, and a refusal says what is allowed', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const { body: ticket } = await tom.post('/v1/tickets', printer)

  const refused = await tom.patch(`/v1/tickets/${ticket.id}`, { status: 'new' })
  assert.equal(refused.status, 200, 'what is already so is no change')
  assert.equal((await tom.patch(`/v1/tickets/${ticket.id}`, { status: 'snoozed' })).status, 422)
  await tom.patch(`/v1/tickets/${ticket.id}`, { status: 'pending' })
  const back = await tom.patch(`/v1/tickets/${ticket.id}`, { status: 'new' })
  assert.deepEqual([back.status, back.body.allowed], [409, ['open', 'on_hold', 'solved', 'closed']])
  assert.equal((await tom.post(`/v1/tickets/${ticket.id}/reopen`)).body.code, 'transition_not_allowed')
  await tom.post(`/v1/tickets/${ticket.id}/close`)
  const reopened = await tom.post(`/v1/tickets/${ticket.id}/reopen`)
  assert.deepEqual([reopened.status, reopened.body.code, reopened.body.allowed], [409, 'transition_not_allowed', []])
})

test('a hidden and a missing ticket answer alike, whatever the verb', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const eve = await desk.person()
  const { body: ticket } = await ada.post('/v1/tickets', printer)
  const missing = `tkt_${'0'.repeat(26)}`

  for (const send of [
    (id: string) => eve.get(`/v1/tickets/${id}`),
    (id: string) => eve.patch(`/v1/tickets/${id}`, { subject: 'Mine' }),
    (id: string) => eve.post(`/v1/tickets/${id}/messages`, { body: 'Hi' }),
    (id: string) => eve.post(`/v1/tickets/${id}/close`),
    (id: string) => eve.get(`/v1/tickets/${id}/messages`),
    (id: string) => eve.get(`/v1/tickets/${id}/events`),
  ]) {
    const [hidden, absent] = [await send(ticket.id), await send(missing)]
    assert.equal(hidden.status, 404)
    assert.deepEqual({ ...hidden.body, request_id: '' }, { ...absent.body, request_id: '' })
  }
})

test('ETag and If-Match: the second of two writers is told to read again', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const { body: ticket, headers } = await tom.post('/v1/tickets', printer)
  const path = `/v1/tickets/${ticket.id}`
  const etag = headers.etag ?? ''

  const unchanged = await tom.get(path, { 'if-none-match': etag })
  assert.equal(unchanged.status, 304)
  const results = await Promise.all([
    tom.patch(path, { priority: 'high' }, { 'if-match': etag }),
    tom.patch(path, { priority: 'urgent' }, { 'if-match': etag }),
  ])
  assert.deepEqual(results.map(({ status }) => status).sort(), [200, 412])
  const lost = results.find(({ status }) => status === 412)
  assert.equal(lost?.body.code, 'version_conflict')
  assert.equal(lost?.body.current_version, 2)
})

test('a hundred identical idempotent requests raise one ticket', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const headers = { 'idempotency-key': 'one-and-only' }

  const replies = await Promise.all(Array.from({ length: 100 }, () => ada.post('/v1/tickets', printer, headers)))

  const codes = new Set(replies.map(({ status, body }) => `${status} ${body.code ?? 'ticket'}`))
  assert.ok(
    [...codes].every((code) => code === '201 ticket' || code === '409 idempotency_in_progress'),
    [...codes].join(),
  )
  const retry = await ada.post('/v1/tickets', printer, headers)
  assert.equal(retry.status, 201)
  assert.equal(retry.headers['idempotent-replayed'], 'true')
  assert.equal((await ada.get('/v1/tickets?include=total')).body.total, 1)
  await desk.announced(['ticket.created', 'message.created'])

  const other = await ada.post('/v1/tickets', { ...printer, subject: 'Another' }, headers)
  assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
})

test('agents who claim at once never get the same ticket', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const agents = await Promise.all(Array.from({ length: 12 }, () => desk.person({ role: 'agent' })))
  for (let i = 0; i < 8; i++) await ada.post('/v1/tickets', { ...printer, priority: i === 7 ? 'urgent' : 'normal' })
  const queue = (await agents[0]?.get('/v1/queues'))?.body.data[0].id

  const first = await agents[0]?.post(`/v1/queues/${queue}/claim`)
  assert.equal(first?.body.priority, 'urgent')
  const replies = await Promise.all(agents.map((agent) => agent.post(`/v1/queues/${queue}/claim`)))

  const taken = replies.filter(({ status }) => status === 200).map(({ body }) => body.id)
  assert.equal(taken.length, 7)
  assert.equal(new Set(taken).size, 7)
  assert.equal(replies.filter(({ status }) => status === 204).length, 5)
})

test('lists page by keyset through every order, each ticket once', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  for (let i = 0; i < 7; i++) {
    await tom.post('/v1/tickets', { ...printer, priority: i % 2 ? 'low' : 'high' })
    if (i % 3 === 0) desk.clock.advance(1)
  }
  for (const sort of ['created_at', '-created_at', 'updated_at', '-updated_at', 'priority', '-priority', 'number', '-number']) {
    const seen: string[] = []
    let path: string | undefined = `/v1/tickets?limit=2&sort=${sort}`
    while (path) {
      const page = await tom.get(path)
      assert.equal(page.status, 200)
      seen.push(...page.body.data.map(({ id }: { id: string }) => id))
      path = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
      assert.equal(page.body.has_more, path !== undefined)
    }
    assert.equal(seen.length, 7)
    assert.equal(new Set(seen).size, 7, sort)
  }
})

test('filters, words and unknown parameters', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const tom = await desk.person({ role: 'agent' })
  const { body: fire } = await ada.post('/v1/tickets', printer)
  await ada.post('/v1/tickets', { subject: '打印机着火了', body: 'Help' })
  await tom.post(`/v1/tickets/${fire.id}/messages`, { body: 'secretword', visibility: 'internal' })
  await tom.post(`/v1/tickets/${fire.id}/tags`, { tags: ['VIP'] })

  const count = async (who: typeof ada, query: string) => (await who.get(`/v1/tickets?${query}`)).body.data?.length
  assert.equal(await count(tom, 'q=smoke'), 1)
  assert.equal(await count(tom, 'q=printer+tray'), 1)
  assert.equal(await count(tom, `q=${encodeURIComponent('打印机')}`), 1)
  assert.equal(await count(tom, 'q=secretword'), 1)
  assert.equal(await count(ada, 'q=secretword'), 0)
  assert.equal(await count(tom, 'tag=vip'), 1)
  assert.equal(await count(ada, 'tag=vip'), 0)
  assert.equal(await count(tom, 'q=tag:vip+smoke'), 1)
  assert.equal(await count(tom, 'assignee_id=none&status=new,open'), 2)
  assert.equal(await count(tom, `created_at[gt]=${fire.created_at}`), 0)
  const typo = await tom.get('/v1/tickets?statsu=open')
  assert.deepEqual([typo.status, typo.body.code], [400, 'unknown_parameter'])
  assert.match(typo.body.detail, /status/)
  assert.equal((await tom.get('/v1/tickets?limit=101')).body.code, 'invalid_parameter')
  assert.equal((await tom.get('/v1/tickets?limit=Infinity')).body.code, 'invalid_parameter')
  const page = await tom.get('/v1/tickets?limit=1')
  const foreign = await tom.get(`/v1/tickets?limit=1&status=new&cursor=${page.body.next_cursor}`)
  assert.deepEqual([foreign.status, foreign.body.code], [400, 'cursor_mismatch'])
})

test('an agent raises a ticket for somebody who has no account, who is found again by his address', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })

  const first = await tom.post('/v1/tickets', { ...printer, requester: { email: 'Grace@Example.com', name: 'Grace' } })
  const second = await tom.post('/v1/tickets', { ...printer, requester: { email: 'grace@example.com' } })

  assert.equal(first.status, 201)
  assert.equal(second.body.requester_id, first.body.requester_id)
  await desk.announced(['user.created', 'ticket.created', 'message.created', 'ticket.created', 'message.created'])
})

test('an author edits and retracts a message within the window; staff keep what it said', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const tom = await desk.person({ role: 'agent' })
  const { body: ticket } = await ada.post('/v1/tickets', printer)
  const { body: message } = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'My pasword is 123' })
  const path = `/v1/tickets/${ticket.id}/messages/${message.id}`
  await desk.announcements()

  assert.equal((await tom.patch(path, { body: 'Hm' })).status, 403)
  const edited = await ada.patch(path, { body: 'Something else' })
  assert.ok(edited.body.edited_at)
  const retracted = await ada.delete(path)
  assert.deepEqual([retracted.status, retracted.body.body, retracted.body.retracted_at !== null], [200, '', true])
  assert.equal((await ada.patch(path, { body: 'Back' })).body.code, 'message_retracted')
  await desk.announced(['message.edited', 'message.retracted'])
  assert.equal((await tom.get('/v1/tickets?q=pasword')).body.data.length, 0)

  const { body: late } = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Late' })
  desk.clock.advance(901_000)
  assert.equal(
    (await ada.delete(`/v1/tickets/${ticket.id}/messages/${late.id}`)).status,
    401,
    'the access token has expired, too',
  )
})

test('an admin deletes a ticket; its tombstone is seen by those who saw it', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const eve = await desk.person()
  const root = await desk.person({ role: 'admin' })
  const { body: ticket } = await ada.post('/v1/tickets', printer)

  assert.equal((await ada.delete(`/v1/tickets/${ticket.id}`)).status, 403)
  assert.equal((await root.delete(`/v1/tickets/${ticket.id}`)).status, 204)

  assert.equal((await ada.get(`/v1/tickets/${ticket.id}`)).status, 404)
  assert.equal((await ada.get('/v1/tickets')).body.data.length, 0)
  await desk.settle()
  const types = async (who: typeof ada) => (await who.get('/v1/events')).body.data.map(({ type }: { type: string }) => type)
  assert.deepEqual(await types(ada), ['ticket.created', 'message.created', 'ticket.deleted'])
  assert.deepEqual(await types(eve), [])
})

test('a follow-up goes into no archived queue and gets no archived category', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const root = await desk.person({ role: 'admin' })
  const { body: queue } = await root.post('/v1/queues', { key: 'old', name: 'Old', public: true })
  const { body: category } = await root.post('/v1/categories', { name: 'Old' })
  const filed = { ...printer, queue_id: queue.id, category_id: category.id }
  const { body: ticket } = await ada.post('/v1/tickets', filed)
  await ada.post(`/v1/tickets/${ticket.id}/close`)
  await root.delete(`/v1/queues/${queue.id}`)
  await root.delete(`/v1/categories/${category.id}`)

  const reply = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'Again.' })

  const followUp = await ada.get(`/v1/tickets/${reply.body.ticket_id}`)
  const { default_queue_id } = (await root.get('/v1/settings')).body
  assert.deepEqual([followUp.body.queue_id, followUp.body.category_id], [default_queue_id, null])
})

test('every change of a ticket heeds If-Match', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const path = `/v1/tickets/${(await tom.post('/v1/tickets', printer)).body.id}`
  const stale = { 'if-match': '"i99"' }

  for (const reply of [
    await tom.post(`${path}/messages`, { body: 'Hi' }, stale),
    await tom.post(`${path}/tags`, { tags: ['x'] }, stale),
    await tom.delete(`${path}/tags/x`, stale),
    await tom.put(`${path}/participants/${tom.id}`, { role: 'follower' }, stale),
    await tom.delete(`${path}/participants/${tom.id}`, stale),
    await tom.patch(path, { priority: 'high' }, stale),
    await tom.post(`${path}/claim`, undefined, stale),
    await tom.post(`${path}/close`, {}, stale),
  ])
    assert.deepEqual([reply.status, reply.body.code], [412, 'version_conflict'])
})

test('a refusal to reopen says what is allowed from where the ticket is', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const path = `/v1/tickets/${(await ada.post('/v1/tickets', printer)).body.id}`

  const refused = await ada.post(`${path}/reopen`)

  assert.deepEqual([refused.status, refused.body.allowed], [409, ['closed']])
})

test('a conversation of very long messages comes in pages that are not too long, and none is left out', async (t) => {
  const desk = await openDesk(t)
  const tom = await desk.person({ role: 'agent' })
  const path = `/v1/tickets/${(await tom.post('/v1/tickets', printer)).body.id}/messages`
  for (let i = 0; i < 40; i++) await tom.post(path, { body: `${i} ${'&'.repeat(60_000)}` })

  const seen: string[] = []
  let pages = 0
  for (let next: string | undefined = `${path}?limit=100`; next; pages++) {
    const page = await tom.get(next)
    assert.ok(page.text.length < 5_000_000, `${page.text.length} characters`)
    seen.push(...page.body.data.map(({ id }: { id: string }) => id))
    next = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
  }

  assert.equal(new Set(seen).size, 41)
  assert.ok(pages > 1)
})
