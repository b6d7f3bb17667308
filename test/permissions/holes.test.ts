import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk } from '../desk.ts'

const printer = { subject: 'A printer', body: 'It smokes.' }

/** A queue in which only this team works. */
async function teamQueue(admin: Caller, key: string): Promise<{ team: string; queue_id: string }> {
  const team = (await admin.post('/v1/teams', { name: key })).body.id
  return { team, queue_id: (await admin.post('/v1/queues', { key, name: key, team_ids: [team] })).body.id }
}

async function people(desk: Desk) {
  return { admin: await desk.person({ role: 'admin' }), ada: await desk.person(), tom: await desk.person({ role: 'agent' }) }
}

test('an agent who merely raised a ticket cannot take it to his side', async (t) => {
  const desk = await openDesk(t)
  const { admin, tom } = await people(desk)
  const { queue_id } = await teamQueue(admin, 'first')
  const own = await teamQueue(admin, 'second')
  await admin.put(`/v1/teams/${own.team}/members/${tom.id}`)
  desk.clock.advance(1000)
  const path = `/v1/tickets/${(await tom.post('/v1/tickets', { ...printer, queue_id })).body.id}`
  await admin.post(`${path}/messages`, { body: 'A note.', visibility: 'internal' })

  const changes = [
    { assignee_id: tom.id },
    { queue_id: own.queue_id },
    { status: 'pending' },
    { category_id: null },
    { external_id: 'x' },
    { metadata: {} },
  ]
  for (const change of changes) assert.equal((await tom.patch(path, change)).status, 403, JSON.stringify(change))
  const follows = await tom.put(`${path}/participants/${tom.id}`, { role: 'follower' })
  assert.equal(follows.status, 403)

  assert.equal((await tom.patch(path, { subject: 'Two printers' })).status, 200)
  assert.equal('tags' in (await tom.get(path)).body, false)
  assert.equal((await tom.get(`${path}/messages`)).text.includes('A note.'), false)
})

test('a cursor made by somebody else shows nothing that is not one’s own', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada, tom } = await people(desk)
  const bob = await desk.person()
  for (const caller of [ada, bob, ada, bob]) await caller.post('/v1/tickets', printer)

  for (const sort of ['created_at', '-updated_at', 'number']) {
    const { next_cursor } = (await admin.get(`/v1/tickets?limit=1&sort=${sort}`)).body
    const reply = await ada.get(`/v1/tickets?limit=10&sort=${sort}&cursor=${next_cursor}`)
    assert.equal(reply.status, 200)
    assert.deepEqual([...new Set(reply.body.data.map(({ requester_id }: Json) => requester_id))], [ada.id])
  }
  const queues = (await tom.get('/v1/categories?limit=1')).body.next_cursor ?? (await sessionsCursor(desk, bob.id))
  assert.equal((await ada.get(`/v1/me/sessions?limit=1&cursor=${queues}`)).body.code, 'cursor_mismatch')
})

async function sessionsCursor(desk: Desk, user_id: string): Promise<string> {
  const session = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, user_id))
  return (await desk.bearer(session.access_token).get('/v1/me/sessions?limit=1')).body.next_cursor
}

test('a cursor of a conversation does not tell how much lies between its messages', async (t) => {
  const desk = await openDesk(t)
  const { ada, tom } = await people(desk)
  const keys: unknown[] = []
  for (const note of [false, true]) {
    const path = `/v1/tickets/${(await ada.post('/v1/tickets', printer)).body.id}`
    if (note) await tom.post(`${path}/messages`, { body: 'A note.', visibility: 'internal' })
    for (const body of ['And stinks.', 'And hums.']) await ada.post(`${path}/messages`, { body })
    const { next_cursor } = (await ada.get(`${path}/messages?limit=2`)).body
    const text = Buffer.from(next_cursor.split('.')[0], 'base64url').toString()
    keys.push(text.startsWith('[') ? JSON.parse(text)[1] : 'cannot be read')
  }

  assert.equal(keys[0], keys[1])
})

test('a note that its author may see no longer does not come back by its client_id', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada, tom } = await people(desk)
  const { team, queue_id } = await teamQueue(admin, 'first')
  await admin.put(`/v1/teams/${team}/members/${tom.id}`)
  const path = `/v1/tickets/${(await ada.post('/v1/tickets', printer)).body.id}`
  await admin.patch(path, { queue_id })
  await admin.put(`${path}/participants/${tom.id}`)
  desk.clock.advance(1000)
  await tom.post(`${path}/messages`, { body: 'A note.', visibility: 'internal', client_id: 'one' })
  await admin.delete(`/v1/teams/${team}/members/${tom.id}`)
  desk.clock.advance(1000)

  const again = await tom.post(`${path}/messages`, { body: 'Hello.', client_id: 'one' })

  assert.equal(again.text.includes('A note.'), false)
})

test('what requesters may not see of themselves does not move what they see', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada } = await people(desk)
  const before = await ada.get('/v1/me')
  desk.clock.advance(1000)

  await admin.patch(`/v1/users/${ada.id}`, { metadata: { note: 'difficult' } })

  const after = await ada.get('/v1/me')
  assert.deepEqual([after.headers.etag, after.body], [before.headers.etag, before.body])
})

test('a key that may follow the log alone reads no tickets by it', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada } = await people(desk)
  await ada.post('/v1/tickets', printer)
  const { secret } = (await admin.post('/v1/api-keys', { name: 'A log', scopes: ['events:read'] })).body
  await desk.settle()

  const log = await desk.bearer(secret).get('/v1/events?include=object')

  assert.equal(log.text.includes(printer.body), false)
})

test('an agent who raises a ticket elsewhere gets the same answer again', async (t) => {
  const desk = await openDesk(t)
  const { admin, tom } = await people(desk)
  const { queue_id } = await teamQueue(admin, 'first')
  const raise = () => tom.post('/v1/tickets', { ...printer, queue_id }, { 'idempotency-key': 'once' })
  const first = await raise()

  const again = await raise()

  assert.deepEqual([again.status, again.body], [201, first.body])
})

test('a claim does not tell the requester who has his ticket', async (t) => {
  const desk = await openDesk(t)
  const { ada, tom } = await people(desk)
  const path = `/v1/tickets/${(await ada.post('/v1/tickets', printer)).body.id}`

  await tom.post(`${path}/claim`)

  await desk.settle()
  assert.equal((await ada.get(`${path}/events`)).text.includes(tom.id), false)
})

test('a key that may only write users does not make itself an admin', async (t) => {
  const desk = await openDesk(t)
  const { admin } = await people(desk)
  const { secret } = (await admin.post('/v1/api-keys', { name: 'Sync', role: 'admin', scopes: ['users:write'] })).body

  const made = await desk.bearer(secret).patch(`/v1/users/${admin.id}`, { password: 'seven green umbrellas' })

  assert.equal(made.status, 403)
})

test('a page of a conversation by an external id in any script has its link', async (t) => {
  const desk = await openDesk(t)
  const { admin, ada, tom } = await people(desk)
  const path = `/v1/tickets/${(await ada.post('/v1/tickets', printer)).body.id}`
  await admin.patch(path, { external_id: 'заказ>; x' })
  await ada.post(`${path}/messages`, { body: 'And stinks.' })

  const page = await tom.get(`/v1/tickets/${encodeURIComponent('ext:заказ>; x')}/messages?limit=1`)

  assert.equal(page.status, 200)
  const next = /^<([^>]+)>; rel="next"$/.exec(page.headers.link ?? '')?.[1] ?? ''
  assert.equal((await tom.get(next)).status, 200)
  assert.equal((await ada.get(`/v1/tickets/${encodeURIComponent('ext:заказ>; x')}`)).status, 404, 'an external id is internal')
})
