import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'

interface Told {
  to: string
  kind: string
  state: string
}

/** What was owed since the last call: to whom, of which kind, in the order of their names. */
function teller(desk: Desk, names: Record<string, string>) {
  const seen = new Set<string>()
  return async (): Promise<string[]> => {
    await desk.settle()
    const rows = (await desk.query('select id, to_address, kind, state from outbound_mails order by id')) as (Told & {
      id: string
      to_address: string
    })[]
    const fresh = rows.filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    return fresh
      .map(({ to_address, kind, state }) => `${names[to_address] ?? to_address} ${kind}${state === 'sent' ? '' : ` ${state}`}`)
      .sort()
  }
}

async function openWorld(t: Parameters<typeof openDesk>[0]) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin', name: 'Root' })
  const ada = await desk.person({ name: 'Ada' })
  const cole = await desk.person({ name: 'Cole' })
  const bob = await desk.person({ role: 'agent', name: 'Bob' })
  const fay = await desk.person({ role: 'agent', name: 'Fay' })
  const people: Record<string, Person> = { Root: admin, Ada: ada, Cole: cole, Bob: bob, Fay: fay }
  const told = teller(desk, Object.fromEntries(Object.entries(people).map(([name, { email }]) => [email, name])))
  return { desk, admin, ada, cole, bob, fay, told }
}

async function raise(ada: Person, more: object = {}): Promise<Json> {
  const reply = await ada.post('/v1/tickets', { subject: 'Printer', body: 'It is on fire.', ...more })
  assert.equal(reply.status, 201)
  return reply.body
}

test('everybody is told what he has to know, once, and nobody of his own act', async (t) => {
  const { desk, admin, ada, cole, bob, fay, told } = await openWorld(t)

  const ticket = await raise(ada)
  const at = `/v1/tickets/${ticket.id}`
  assert.deepEqual(await told(), ['Ada ticket_received'])

  await admin.put(`${at}/participants/${cole.id}`, {})
  await admin.put(`${at}/participants/${fay.id}`, { role: 'follower' })
  assert.deepEqual(await told(), [], 'to take part is no news')

  await admin.patch(at, { assignee_id: bob.id })
  assert.deepEqual(await told(), ['Bob assigned'])

  await bob.post(`${at}/messages`, { body: 'Run.' })
  assert.deepEqual(await told(), ['Ada reply', 'Cole reply', 'Fay reply'])

  await ada.post(`${at}/messages`, { body: 'I did.' })
  assert.deepEqual(await told(), ['Bob reply', 'Cole reply', 'Fay reply'])

  await bob.post(`${at}/messages`, { body: 'She is slow.', visibility: 'internal' })
  assert.deepEqual(await told(), ['Fay note'])

  await bob.post(`${at}/messages`, { body: `What do you say, @${fay.email}?`, visibility: 'internal' })
  assert.deepEqual(await told(), ['Fay mentioned'], 'a note that mentions her is told as the mention')

  await bob.patch(at, { status: 'solved' })
  assert.deepEqual(await told(), ['Ada solved'])

  await ada.post(`${at}/messages`, { body: 'It burns again.' })
  assert.deepEqual(await told(), ['Bob reply', 'Cole reply', 'Fay reply'], 'that it is reopened stands in the same mail')

  await admin.patch(at, { assignee_id: fay.id })
  assert.deepEqual(await told(), ['Fay assigned'])

  await fay.patch(at, { assignee_id: null })
  await fay.patch(at, { assignee_id: fay.id })
  assert.deepEqual(await told(), [])

  const mails = await desk.mails()
  assert.ok(mails.every(({ to, text }) => to !== ada.email || !/slow|What do you say/.test(text)))
  const first = mails.find(({ to, text }) => to === ada.email && /Run\./.test(text))
  assert.match(first?.subject ?? '', /^\[#\d+\] Printer$/)
})

test('what people say of mail holds, and rights hold at both times', async (t) => {
  const { desk, admin, ada, bob, fay, told } = await openWorld(t)
  const ticket = await raise(ada)
  const at = `/v1/tickets/${ticket.id}`
  await admin.put(`${at}/participants/${bob.id}`, { role: 'follower' })
  await admin.put(`${at}/participants/${fay.id}`, { role: 'follower' })
  await told()

  await bob.patch('/v1/me/notifications', { choices: { note: 'off', new_ticket: 'at_once' } })
  await fay.patch(`${at}/participants/${fay.id}`, { notify: 'none' })
  await admin.post(`${at}/messages`, { body: 'Psst.', visibility: 'internal' })
  assert.deepEqual(await told(), [])
  await raise(ada)
  assert.deepEqual(await told(), ['Ada ticket_received', 'Bob new_ticket'])

  // Mail that waits for the morning is not told to whom it is none of his business by then.
  await bob.patch('/v1/me/notifications', { choices: { note: null }, quiet_hours: { from: '08:00', until: '10:00' } })
  await admin.post(`${at}/messages`, { body: 'Shh.', visibility: 'internal' })
  assert.deepEqual(await told(), ['Bob note queued'])
  await admin.delete(`${at}/participants/${bob.id}?role=follower`)
  const team = (await admin.post('/v1/teams', { name: 'Elsewhere' })).body
  await admin.patch(`/v1/queues/${ticket.queue_id}`, { team_ids: [team.id] })
  desk.clock.advance(3_600_000)
  await desk.settle()
  const [row] = await desk.query(`select state, reason from outbound_mails where kind = 'note'`)
  assert.deepEqual({ ...row }, { state: 'cancelled', reason: 'not_visible' })
})

test('what goes to and fro too often is kept back, and said once', async (t) => {
  const { desk, admin, ada, bob, told } = await openWorld(t)
  const ticket = await raise(ada)
  const at = `/v1/tickets/${ticket.id}`
  await admin.patch(at, { assignee_id: bob.id })
  await told()
  await ada.patch('/v1/me/notifications', { choices: { status_changed: 'at_once' } })
  await desk.announcements()

  for (let i = 0; i < 8; i++) {
    await bob.patch(at, { status: 'solved' })
    await bob.patch(at, { status: 'open' })
  }

  const kinds = await told()
  assert.equal(kinds.filter((line) => /^Ada \w+$/.test(line)).length, 9, 'with the receipt ten')
  assert.equal(kinds.filter((line) => /^Ada \w+ suppressed$/.test(line)).length, 7)
  const said = (await desk.announcements()).filter(({ type }) => type === 'mail.loop_tripped')
  assert.deepEqual(
    said.map(({ visibility, data }) => [visibility, data]),
    [['internal', { scope: 'ticket', direction: 'out', user_id: ada.id }]],
  )

  await bob.post(`${at}/messages`, { body: 'Sorry for that.' })
  assert.deepEqual(await told(), ['Ada reply'], 'what somebody writes goes out all the same')
})

test('messages that move are told of to nobody, and a delivery that comes twice is one mail', async (t) => {
  const { desk, admin, ada, bob, told } = await openWorld(t)
  const one = await raise(ada)
  const two = await raise(ada, { subject: 'Printer again' })
  for (const { id } of [one, two]) await admin.patch(`/v1/tickets/${id}`, { assignee_id: bob.id })
  await told()

  assert.equal((await admin.post(`/v1/tickets/${two.id}/merge`, { into_ticket_id: one.id })).status, 200)
  assert.deepEqual(await told(), [])

  await desk.database.write((db) =>
    db
      .updateTable('deliveries')
      .set({ state: 'due', due_at: 0, finished_at: null })
      .where('reaction', '=', 'notifications.owe-mails')
      .execute(),
  )
  await desk.settle()
  assert.deepEqual(await told(), [])
  const again = await desk.query(
    `select count(*) as n from deliveries where reaction = 'notifications.owe-mails' and attempts > 1`,
  )
  assert.notEqual(Number(again[0]?.n), 0)
})
