import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk } from '../../../test/desk.ts'
import { insertRows } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { newId } from '../../platform/ids.ts'
import { factsOf } from './facts.ts'
import type { Notify } from './participant.ts'
import { notifyOf } from './participants.ts'

/** A ticket of Ada's company with everybody in it, and an agent for each way of seeing it. */
async function openCrowd(t: Parameters<typeof openDesk>[0]) {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin', name: 'Anna' })
  const acme = (await admin.post('/v1/organizations', { name: 'Acme' })).body.id
  const team = (await admin.post('/v1/teams', { name: 'First line' })).body.id
  const queue_id = (await admin.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id
  const ada = await desk.person({ name: 'Ada', organization_id: acme })
  const bob = await desk.person({ name: 'Bob', organization_id: acme })
  const tom = await desk.person({ role: 'agent', name: 'Tom' })
  await admin.put(`/v1/teams/${team}/members/${tom.id}`)
  const fay = await desk.person({ role: 'agent', name: 'Fay' })
  desk.clock.advance(1000)
  const ticket = (await ada.post('/v1/tickets', { subject: 'Printer', body: 'It burns.' })).body.id
  const path = `/v1/tickets/${ticket}`
  await admin.patch(path, { queue_id })
  await desk.announcements()
  return { desk, admin, ada, bob, tom, fay, acme, ticket, path }
}

async function participants(caller: Caller, path: string): Promise<Json[]> {
  const { status, body, text } = await caller.get(`${path}/participants`)
  assert.equal(status, 200, text)
  return body.data
}

/** What there is to read of a ticket's versions. */
async function versionsOf(desk: Desk, id: string): Promise<Json[]> {
  return desk.query('select version, public_version, updated_at, public_updated_at, last_seq from tickets where id = ?', [id])
}

test('staff see everybody who takes part, once, with all his roles, what he may do and what he wants to hear', async (t) => {
  const { desk, ada, bob, tom, fay, path } = await openCrowd(t)
  await ada.put(`${path}/participants/${bob.id}`)
  desk.clock.advance(1000)
  await tom.post(`${path}/claim`)
  await tom.put(`${path}/participants/${fay.id}`, { role: 'follower' })
  await tom.put(`${path}/participants/${fay.id}`)
  await tom.put(`${path}/participants/${tom.id}`, { role: 'follower' })

  const shown = await participants(tom, path)

  const staff = ['read', 'reply', 'note', 'invite', 'steer']
  assert.deepEqual(
    shown.map(({ created_at: _, ...rest }) => rest),
    [
      {
        object: 'participant',
        user_id: ada.id,
        name: 'Ada',
        roles: ['requester'],
        may: ['read', 'reply', 'invite', 'steer'],
        notify: 'all',
      },
      { object: 'participant', user_id: tom.id, name: 'Tom', roles: ['assignee', 'follower'], may: staff, notify: 'all' },
      { object: 'participant', user_id: bob.id, name: 'Bob', roles: ['cc'], may: ['read', 'reply'], notify: 'replies' },
      { object: 'participant', user_id: fay.id, name: 'Fay', roles: ['cc', 'follower'], may: staff, notify: 'all' },
    ],
  )
  assert.deepEqual(
    shown.map(({ created_at }) => created_at),
    [null, null, '2026-11-22T09:00:01.000Z', '2026-11-22T09:00:02.000Z'],
  )
})

test('a requester sees who raised the ticket and who is cc, never who works on it, follows it or may do so', async (t) => {
  const { desk, ada, bob, tom, fay, path } = await openCrowd(t)
  await ada.put(`${path}/participants/${bob.id}`)
  await tom.put(`${path}/participants/${tom.id}`)
  const before = await ada.get(`${path}/participants`)

  desk.clock.advance(1000)
  await tom.post(`${path}/claim`)
  await tom.put(`${path}/participants/${fay.id}`, { role: 'follower' })
  await tom.put(`${path}/participants/${tom.id}`, { role: 'follower' })
  await bob.patch(`${path}/participants/${bob.id}`, { notify: 'none' })
  await tom.patch(`${path}/participants/${tom.id}`, { notify: 'none' })
  const after = await ada.get(`${path}/participants`)

  assert.deepEqual(after.body, before.body)
  assert.deepEqual(
    after.body.data.map(({ user_id, roles, may, notify }: Json) => [user_id, roles, may, notify]),
    [
      [ada.id, ['requester'], ['read', 'reply', 'invite', 'steer'], 'all'],
      ...[bob.id, tom.id].sort().map((id) => [id, ['cc'], ['read', 'reply'], undefined]),
    ],
  )
})

test('what somebody may do goes by the rules of the ticket: who left the team, the staff or the desk may less', async (t) => {
  const { admin, tom, fay, bob, path } = await openCrowd(t)
  for (const agent of [tom, fay]) await admin.put(`${path}/participants/${agent.id}`)
  await admin.put(`${path}/participants/${fay.id}`, { role: 'follower' })
  await admin.put(`${path}/participants/${bob.id}`)
  const mayOf = async (id: string) => (await participants(admin, path)).find(({ user_id }) => user_id === id)?.may

  assert.deepEqual(await mayOf(tom.id), ['read', 'reply', 'note', 'invite', 'steer'])
  await admin.patch(path, { queue_id: (await admin.post('/v1/queues', { key: 'other', name: 'Other', team_ids: [] })).body.id })
  assert.deepEqual(await mayOf(tom.id), ['read', 'reply', 'note', 'invite', 'steer'], 'a queue without teams is open to all')
  const nobody = (await admin.post('/v1/teams', { name: 'Nobody' })).body.id
  const closed = (await admin.post('/v1/queues', { key: 'closed', name: 'Closed', team_ids: [nobody] })).body.id
  await admin.patch(path, { queue_id: closed })
  assert.deepEqual(await mayOf(tom.id), ['read', 'reply'])
  assert.deepEqual(await mayOf(fay.id), ['read', 'reply', 'note', 'invite', 'steer'])
  await admin.patch(`/v1/users/${fay.id}`, { role: 'requester' })
  assert.deepEqual(await mayOf(fay.id), ['read', 'reply'])
  await admin.patch(`/v1/users/${bob.id}`, { active: false })
  assert.deepEqual(await mayOf(bob.id), [])
})

test('a requester does not learn that a colleague is gone', async (t) => {
  const { admin, ada, bob, path } = await openCrowd(t)
  await ada.put(`${path}/participants/${bob.id}`)
  const before = await ada.get(`${path}/participants`)

  await admin.patch(`/v1/users/${bob.id}`, { active: false })

  assert.deepEqual((await ada.get(`${path}/participants`)).body, before.body)
})

test('a long list of participants is walked without a gap, and its cursor is for this ticket alone', async (t) => {
  const { admin, ada, tom, path } = await openCrowd(t)
  await tom.post(`${path}/claim`)
  const organization_id = (await admin.get(`/v1/users/${ada.id}`)).body.organization_id
  for (let i = 0; i < 7; i++) {
    const { id } = (await admin.post('/v1/users', { name: `Colleague ${i}`, email: `c${i}@example.com`, organization_id })).body
    await ada.put(`${path}/participants/${id}`)
  }
  const whole = await participants(tom, path)

  const walked: Json[] = []
  let next: string | undefined = `${path}/participants?limit=2`
  for (; next; ) {
    const page = await tom.get(next)
    walked.push(...page.body.data)
    next = /<([^>]+)>/.exec(page.headers.link ?? '')?.[1]
  }

  assert.equal(whole.length, 9)
  assert.deepEqual(walked, whole)
  const { next_cursor } = (await tom.get(`${path}/participants?limit=2`)).body
  const other = (await ada.post('/v1/tickets', { subject: 'Another', body: 'It smokes.' })).body.id
  assert.equal((await ada.get(`/v1/tickets/${other}/participants?cursor=${next_cursor}`)).body.code, 'cursor_mismatch')
})

test('what somebody wants to hear is his own affair: it moves nothing, tells nobody, and stays when he leaves and comes back', async (t) => {
  const { desk, ada, bob, tom, ticket, path } = await openCrowd(t)
  await ada.put(`${path}/participants/${bob.id}`)
  await desk.announced(['ticket.participant_added'])
  const before = await versionsOf(desk, ticket)
  const notify = async () => (await desk.database.write((db) => wantedIn(db, ticket, [bob.id]))).get(bob.id)

  desk.clock.advance(1000)
  const said = await bob.patch(`${path}/participants/${bob.id}`, { notify: 'all' })
  const again = await bob.patch(`${path}/participants/${bob.id}`, { notify: 'none' })

  assert.deepEqual([said.status, said.body.notify], [200, 'all'])
  assert.deepEqual([again.status, again.body.notify], [200, 'none'])
  assert.deepEqual((await participants(bob, path)).at(-1), again.body)
  await desk.announced([])
  assert.deepEqual(await versionsOf(desk, ticket), before)
  await bob.delete(`${path}/participants/${bob.id}`)
  assert.equal(await notify(), undefined)
  await tom.put(`${path}/participants/${bob.id}`)
  assert.equal(await notify(), 'none')
})

test('only an admin says for others what they hear, and nobody learns by asking who takes part', async (t) => {
  const { admin, ada, bob, tom, fay, path } = await openCrowd(t)
  await ada.put(`${path}/participants/${bob.id}`)
  await tom.put(`${path}/participants/${fay.id}`, { role: 'follower' })
  const say = (who: Caller, id: string) => who.patch(`${path}/participants/${id}`, { notify: 'none' })
  const stranger = newId('usr')

  for (const id of [bob.id, fay.id, stranger]) {
    assert.equal((await say(ada, id)).status, 403)
    assert.equal((await say(tom, id)).status, 403)
  }
  assert.equal((await say(tom, tom.id)).status, 404, 'he works in the queue, but takes no part')
  assert.equal((await say(admin, stranger)).status, 404)
  assert.equal((await say(admin, fay.id)).body.notify, 'none')
  assert.equal((await say(fay, fay.id)).status, 200)
  assert.equal((await say(fay, bob.id)).status, 403)
  assert.equal((await ada.patch(`${path}/participants/${ada.id}`, { notify: 'loud' })).status, 422)
  assert.equal((await ada.patch(`${path}/participants/${ada.id}`, {})).status, 422)
})

test('what is wanted goes by the role of who has not said it, and whoever takes no part wants nothing', async (t) => {
  const { desk, admin, ada, bob, tom, fay, ticket, path } = await openCrowd(t)
  await ada.put(`${path}/participants/${bob.id}`)
  await tom.post(`${path}/claim`)
  await tom.put(`${path}/participants/${fay.id}`)
  const wanted = async () => {
    const found = await desk.database.write((db) => wantedIn(db, ticket, [ada.id, bob.id, tom.id, fay.id, admin.id]))
    return [ada, bob, tom, fay, admin].map(({ id }) => found.get(id))
  }

  assert.deepEqual(await wanted(), ['all', 'replies', 'all', 'replies', undefined])
  await tom.put(`${path}/participants/${fay.id}`, { role: 'follower' })
  assert.deepEqual(await wanted(), ['all', 'replies', 'all', 'all', undefined])
  await ada.patch(`${path}/participants/${ada.id}`, { notify: 'replies' })
  assert.deepEqual(await wanted(), ['replies', 'replies', 'all', 'all', undefined])
  await admin.delete(path)
  assert.deepEqual(await wanted(), [undefined, undefined, undefined, undefined, undefined])
  assert.deepEqual(await desk.query('select * from ticket_preferences where ticket_id = ?', [ticket]), [])
})

test('a requester adds colleagues of his own organization, and learns nothing about anybody else', async (t) => {
  const { desk, admin, ada, bob, path } = await openCrowd(t)
  const globex = (await admin.post('/v1/organizations', { name: 'Globex' })).body.id
  const foreign = await desk.person({ name: 'Gina', email: 'gina@globex.example', organization_id: globex })
  const alone = await desk.person({ name: 'Otis', email: 'otis@example.com' })
  const organization_id = (await admin.get(`/v1/users/${ada.id}`)).body.organization_id
  const gone = await desk.person({ name: 'Zoe', email: 'zoe@acme.example', organization_id })
  await admin.patch(`/v1/users/${gone.id}`, { active: false })
  await desk.announcements()
  const add = (id: string) => ada.put(`${path}/participants/${id}`)
  const raise = (name: string) => ada.post('/v1/tickets', { subject: 'Help', body: 'Please.', cc: [name] })
  const bare = ({ body }: Json) => ({ ...body, request_id: '' })

  const unknown = await add(newId('usr'))
  const nobody = await raise('nobody@globex.example')

  assert.equal(unknown.status, 404)
  assert.equal(nobody.status, 422)
  for (const one of [foreign, alone, gone]) {
    assert.deepEqual(bare(await add(one.id)), bare(unknown), one.name)
    for (const name of [one.id, one.email]) assert.deepEqual(bare(await raise(name)), bare(nobody), one.name)
  }
  await desk.announced([])
  assert.equal((await add(bob.id)).status, 200)
  await desk.announced(['ticket.participant_added'])
  assert.equal((await raise(bob.email)).status, 201)
  assert.equal((await desk.query("select id from users where email_key = 'nobody@globex.example'")).length, 0)
})

test('whom to add is named by his address as well, which requesters know of their colleagues', async (t) => {
  const { desk, ada, bob, tom, path } = await openCrowd(t)
  const outsider = await desk.person({ email: 'otis@example.com' })
  await desk.announcements()
  const add = async (who: Caller, address: string) =>
    (await who.put(`${path}/participants/${encodeURIComponent(address)}`)).status
  const cc = async () =>
    (await tom.get(`${path}/participants`)).body.data.flatMap(({ roles, user_id }: Json) =>
      roles.includes('cc') ? [user_id] : [],
    )

  assert.equal(await add(ada, outsider.email), 404)
  assert.equal(await add(ada, 'nobody@example.com'), 404)
  assert.equal(await add(ada, 'nobody@'), 400)
  await desk.announced([])
  assert.equal(await add(ada, bob.email.toUpperCase()), 200)
  assert.deepEqual(await cc(), [bob.id])
  await desk.announced(['ticket.participant_added'])
  assert.equal(await add(tom, 'new@example.com'), 200)
  await desk.announced(['user.created', 'ticket.participant_added'])
  assert.equal((await cc()).length, 2)
})

test('who is in no organization has no colleagues, also not among others who are in none', async (t) => {
  const { desk } = await openCrowd(t)
  const [otis, rosa] = [await desk.person(), await desk.person()]
  const ticket = (await otis.post('/v1/tickets', { subject: 'Help', body: 'Please.' })).body.id

  assert.equal((await otis.put(`/v1/tickets/${ticket}/participants/${rosa.id}`)).status, 404)
})

test('a ticket has at most a hundred people as cc and a hundred followers; who is in it already is no further one', async (t) => {
  const { desk, admin, ada, bob, tom, fay, ticket, path } = await openCrowd(t)
  await desk.database.write((db) =>
    insertRows(
      db,
      'ticket_participants',
      ['cc', 'follower'].flatMap((role) =>
        Array.from({ length: 99 }, () => ({ ticket_id: ticket, user_id: newId('usr'), role: role as 'cc', created_at: 0 })),
      ),
    ),
  )
  const add = (who: Caller, id: string, role: string) => who.put(`${path}/participants/${id}`, { role })
  assert.equal((await add(ada, bob.id, 'cc')).status, 200)
  assert.equal((await add(tom, fay.id, 'follower')).status, 200)
  await desk.announced(['ticket.participant_added', 'ticket.participant_added'])

  for (const refused of [
    await add(admin, tom.id, 'cc'),
    await add(tom, tom.id, 'follower'),
    await tom.post(`${path}/messages`, { body: `Look, @${admin.email}`, visibility: 'internal' }),
  ])
    assert.deepEqual([refused.status, refused.body.code], [409, 'too_many_participants'])

  await desk.announced([])
  assert.equal((await add(ada, bob.id, 'cc')).status, 200)
  assert.equal((await tom.post(`${path}/messages`, { body: `Look, @${fay.email}`, visibility: 'internal' })).status, 201)
  await ada.delete(`${path}/participants/${bob.id}`)
  assert.equal((await add(admin, tom.id, 'cc')).status, 200)
})

async function wantedIn(db: Reader, ticket: string, ids: readonly string[]) {
  const facts = (await factsOf(db, [ticket])).get(ticket)
  return facts && facts.deleted_at === null ? notifyOf(db, facts, ids) : new Map<string, Notify>()
}
