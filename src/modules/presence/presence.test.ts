import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Desk, openDesk, type Person } from '../../../test/desk.ts'
import type { Actor } from '../../platform/actor.ts'
import { type Bus, silentBus } from '../../platform/bus.ts'
import { createPresence, type PresenceFrame, type PresenceModule } from './index.ts'

interface Told {
  staff: string | null
  requester: string | null
}

/** Presence on a node, and what it tells those who listen there. */
interface Watched extends PresenceModule {
  /** What was told since the last call. */
  told(): Told[]
}

function inWords(frame: PresenceFrame | null): string | null {
  if (frame === null) return null
  const { user, active, expires_at } = frame
  assert.equal(expires_at === null, !active)
  const does = frame.type === 'typing' ? `writes ${frame.visibility}` : 'looks'
  return `${user.name} ${active ? '' : 'no longer '}${does}`
}

function watch(t: TestContext, desk: Desk, bus: Bus = silentBus): Watched {
  let told: Told[] = []
  const presence = createPresence(
    { database: desk.database, clock: desk.clock, bus },
    { tell: (_, { staff, requester }) => void told.push({ staff: inWords(staff), requester: inWords(requester) }) },
  )
  t.after(() => presence.close())
  return {
    ...presence,
    told: () => {
      const since = told
      told = []
      return since
    },
  }
}

function actorOf(desk: Desk, { token }: Pick<Person, 'token'>): Promise<Actor> {
  return desk.app.accounts.authenticate(token)
}

/** A ticket that Ada raised and that Tom and Tim work on. */
async function openCase(t: TestContext) {
  const desk = await openDesk(t)
  const [tom, tim] = [await desk.person({ role: 'agent', name: 'Tom' }), await desk.person({ role: 'agent', name: 'Tim' })]
  const ada = await desk.person({ name: 'Ada' })
  const ticket: string = (await ada.post('/v1/tickets', { subject: 'A printer', body: 'It smokes.' })).body.id
  await desk.announcements()
  const as = { tom: await actorOf(desk, tom), tim: await actorOf(desk, tim), ada: await actorOf(desk, ada) }
  return { desk, tom, tim, ada, ticket, as }
}

test('agents hear who else looks at a ticket, when he comes, that he stays, and when he goes; requesters do not', async (t) => {
  const { desk, ticket, as } = await openCase(t)
  const presence = watch(t, desk)

  await presence.look(as.tom, { ticket, active: true, holder: 'c1' })
  assert.deepEqual(presence.told(), [{ staff: 'Tom looks', requester: null }])

  desk.clock.advance(20_000)
  await presence.look(as.tom, { ticket, active: true, holder: 'c1' })
  assert.deepEqual(presence.told(), [], 'that he goes on looking is no news yet')
  desk.clock.advance(3_000)
  presence.sweep()
  presence.sweep()
  assert.deepEqual(presence.told(), [{ staff: 'Tom looks', requester: null }], 'half of what was told is over')

  desk.clock.advance(41_999)
  presence.sweep()
  assert.deepEqual(presence.told(), [])
  assert.deepEqual(
    presence.here(ticket, 'staff').map(({ user, viewing }) => [user.name, viewing]),
    [['Tom', true]],
  )
  assert.deepEqual(presence.here(ticket, 'requester'), [])

  desk.clock.advance(1)
  assert.deepEqual(presence.here(ticket, 'staff'), [], 'not a moment longer, swept or not')
  presence.sweep()
  assert.deepEqual(presence.told(), [{ staff: 'Tom no longer looks', requester: null }])
  presence.sweep()
  assert.deepEqual(presence.told(), [])
  await desk.announced([])
})

test('a requester hears that somebody writes to him, and nothing of notes', async (t) => {
  const { desk, ticket, as } = await openCase(t)
  const presence = watch(t, desk)
  const type = (visibility: 'public' | 'internal', active = true) =>
    presence.type(as.tom, { ticket, visibility, active, holder: 'c1' })

  await type('internal')
  assert.deepEqual(presence.told(), [{ staff: 'Tom writes internal', requester: null }])
  await type('public')
  assert.deepEqual(presence.told(), [{ staff: 'Tom writes public', requester: 'Tom writes public' }])
  await type('internal')
  assert.deepEqual(presence.told(), [{ staff: 'Tom writes internal', requester: 'Tom no longer writes public' }])
  assert.deepEqual(presence.here(ticket, 'requester'), [])
  await type('internal', false)
  assert.deepEqual(presence.told(), [{ staff: 'Tom no longer writes internal', requester: null }])

  await type('public')
  for (let i = 0; i < 5; i++) {
    desk.clock.advance(3_000)
    presence.sweep()
    await type('public')
  }
  const writes = { staff: 'Tom writes public', requester: 'Tom writes public' }
  assert.deepEqual(
    presence.told(),
    [writes, writes, writes, writes, writes],
    'that he goes on writing is told before the end that was told',
  )
  desk.clock.advance(8_000)
  presence.sweep()
  assert.deepEqual(presence.told(), [{ staff: 'Tom no longer writes public', requester: 'Tom no longer writes public' }])
})

test('a requester who looks and writes is told to both sides', async (t) => {
  const { desk, ticket, as } = await openCase(t)
  const presence = watch(t, desk)

  await presence.look(as.ada, { ticket, active: true, holder: 'c1' })
  await presence.type(as.ada, { ticket, visibility: 'public', active: true, holder: 'c1' })

  assert.deepEqual(presence.told(), [
    { staff: 'Ada looks', requester: 'Ada looks' },
    { staff: 'Ada writes public', requester: 'Ada writes public' },
  ])
  assert.deepEqual(presence.here(ticket, 'requester'), presence.here(ticket, 'staff'))
  presence.leave('c1')
  assert.deepEqual(presence.told(), [
    { staff: 'Ada no longer looks', requester: 'Ada no longer looks' },
    { staff: 'Ada no longer writes public', requester: 'Ada no longer writes public' },
  ])
})

test('an agent who merely raised the ticket is on its public side', async (t) => {
  const { desk, tim } = await openCase(t)
  const admin = await desk.person({ role: 'admin', name: 'Anna' })
  const team = (await admin.post('/v1/teams', { name: 'First' })).body.id
  const queue_id = (await admin.post('/v1/queues', { key: 'first', name: 'First', team_ids: [team] })).body.id
  const ticket = (await tim.post('/v1/tickets', { subject: 'A chair', body: 'It squeaks.', queue_id })).body.id
  const presence = watch(t, desk)
  const actor = await actorOf(desk, tim)

  await presence.look(actor, { ticket, active: true, holder: 'c1' })

  assert.deepEqual(presence.told(), [{ staff: 'Tim looks', requester: 'Tim looks' }])
  const note = presence.type(actor, { ticket, visibility: 'internal', active: true, holder: 'c1' })
  await assert.rejects(note, { code: 'forbidden' })
  assert.deepEqual(presence.told(), [])

  // He joins those who work on it: from then on that he looks is theirs to know.
  await admin.put(`/v1/teams/${team}/members/${tim.id}`)
  await desk.settle()
  await presence.look(await actorOf(desk, tim), { ticket, active: true, holder: 'c1' })
  assert.deepEqual(presence.told(), [{ staff: null, requester: 'Tim no longer looks' }])
})

test('two devices of one person are one person until both are gone', async (t) => {
  const { desk, ticket, as } = await openCase(t)
  const presence = watch(t, desk)
  for (const holder of ['phone', 'laptop']) await presence.look(as.tom, { ticket, active: true, holder })
  await presence.type(as.tom, { ticket, visibility: 'public', active: true, holder: 'phone' })
  await presence.type(as.tom, { ticket, visibility: 'internal', active: true, holder: 'laptop' })

  assert.deepEqual(presence.told(), [
    { staff: 'Tom looks', requester: null },
    { staff: 'Tom writes public', requester: 'Tom writes public' },
  ])
  presence.leave('phone')
  assert.deepEqual(presence.told(), [{ staff: 'Tom writes internal', requester: 'Tom no longer writes public' }])
  assert.equal(presence.here(ticket, 'staff').length, 1)
  presence.leave('laptop')
  assert.deepEqual(presence.told(), [
    { staff: 'Tom no longer looks', requester: null },
    { staff: 'Tom no longer writes internal', requester: null },
  ])
})

test('who begins to listen is told who is there already, as far as he may know', async (t) => {
  const { desk, ticket, as } = await openCase(t)
  const presence = watch(t, desk)
  await presence.look(as.tom, { ticket, active: true, holder: 'c1' })
  await presence.type(as.tom, { ticket, visibility: 'internal', active: true, holder: 'c1' })
  await presence.look(as.ada, { ticket, active: true, holder: 'c2' })

  assert.deepEqual(presence.refreshed(ticket, 'staff').map(inWords), ['Tom looks', 'Tom writes internal', 'Ada looks'])
  assert.deepEqual(presence.refreshed(ticket, 'requester').map(inWords), ['Ada looks'])
  assert.deepEqual(presence.refreshed(ticket, 'staff')[1], {
    type: 'typing',
    ticket_id: ticket,
    user: { id: as.tom.id, name: 'Tom' },
    visibility: 'internal',
    active: true,
    expires_at: '2026-11-22T09:00:08.000Z',
  })
})

test('a hidden ticket is a missing one, and who has lost sight of one is gone with his lease', async (t) => {
  const { desk, ticket, as, tom, ada } = await openCase(t)
  const presence = watch(t, desk)
  const eve = await actorOf(desk, await desk.person({ name: 'Eve' }))
  await assert.rejects(presence.look(eve, { ticket, active: true, holder: 'c9' }), { code: 'not_found' })
  const note = presence.type(eve, { ticket, visibility: 'internal', active: true, holder: 'c9' })
  await assert.rejects(note, { code: 'not_found' })
  const requester = presence.type(as.ada, { ticket, visibility: 'internal', active: true, holder: 'c2' })
  await assert.rejects(requester, { code: 'forbidden' })
  assert.deepEqual(presence.told(), [])

  const bob = await desk.person({ name: 'Bob' })
  assert.equal((await tom.put(`/v1/tickets/${ticket}/participants/${bob.id}`)).status, 200)
  await presence.look(await actorOf(desk, bob), { ticket, active: true, holder: 'c3' })
  await tom.delete(`/v1/tickets/${ticket}/participants/${bob.id}`)
  const again = presence.look(await actorOf(desk, bob), { ticket, active: true, holder: 'c3' })
  await assert.rejects(again, { code: 'not_found' })
  assert.equal((await ada.get(`/v1/tickets/${ticket}/presence`)).status, 200)
  desk.clock.advance(45_000)

  assert.deepEqual(presence.here(ticket, 'staff'), [])
})

test('what a connection says counts in the order in which it was said, and not after it is gone', async (t) => {
  const { desk, ticket, as } = await openCase(t)
  const presence = watch(t, desk)

  await Promise.all([
    presence.look(as.tom, { ticket, active: true, holder: 'c1' }),
    presence.look(as.tom, { ticket, active: false, holder: 'c1' }),
    presence.look(as.tim, { ticket, active: true, holder: 'c2' }),
  ])
  assert.deepEqual(
    presence.here(ticket, 'staff').map(({ user }) => user.name),
    ['Tim'],
  )

  const late = presence.look(as.tom, { ticket, active: true, holder: 'c1' })
  presence.leave('c1')
  await late
  assert.deepEqual(
    presence.here(ticket, 'staff').map(({ user }) => user.name),
    ['Tim'],
  )
  // What went wrong before harms nothing that is said after it.
  const wrong = presence.look(as.tim, { ticket: '999999', active: true, holder: 'c2' })
  const right = presence.type(as.tim, { ticket, visibility: 'public', active: true, holder: 'c2' })
  await assert.rejects(wrong, { code: 'not_found' })
  await right
  assert.equal(presence.here(ticket, 'staff')[0]?.typing, 'public')
})

test('one connection is in fifty tickets at most: what it touched longest ago ends', async (t) => {
  const { desk, ada, as } = await openCase(t)
  const presence = watch(t, desk)
  const tickets: string[] = []
  for (let i = 0; i < 51; i++) tickets.push((await ada.post('/v1/tickets', { subject: 'One more', body: 'Again.' })).body.id)
  const [first = '', second = ''] = tickets
  for (const ticket of tickets.slice(0, 50)) await presence.look(as.tom, { ticket, active: true, holder: 'c1' })
  await presence.look(as.tom, { ticket: first, active: true, holder: 'c1' })
  presence.told()

  await presence.look(as.tom, { ticket: tickets[50] ?? '', active: true, holder: 'c1' })

  assert.deepEqual(
    presence.told().map(({ staff }) => staff),
    ['Tom no longer looks', 'Tom looks'],
  )
  assert.equal(presence.here(second, 'staff').length, 0)
  assert.equal(presence.here(first, 'staff').length, 1)
})

test('a client without a WebSocket says by requests what it does', async (t) => {
  const { desk, ticket, tom, tim, ada } = await openCase(t)
  const path = `/v1/tickets/${ticket}/presence`
  const before = await tim.get(`/v1/tickets/${ticket}`)

  const looks = await tom.put(path, { viewing: true })
  assert.equal(looks.status, 200)
  const user = { id: tom.id, name: 'Tom' }
  assert.deepEqual(looks.body, { object: 'presence', user, viewing: true, typing: null, expires_at: '2026-11-22T09:00:45.000Z' })
  const writes = await tom.put(path, { typing: 'internal' })
  assert.deepEqual(writes.body, { ...looks.body, typing: 'internal' }, 'what is left out stays')
  assert.deepEqual((await tim.get(path)).body, { object: 'list', data: [writes.body], has_more: false, next_cursor: null })
  assert.deepEqual((await ada.get(path)).body.data, [])

  await tom.put(path, { typing: 'public' })
  assert.deepEqual((await ada.get(path)).body.data, [
    { object: 'presence', user, viewing: false, typing: 'public', expires_at: '2026-11-22T09:00:08.000Z' },
  ])
  assert.equal((await ada.put(path, { typing: 'internal' })).status, 403)
  assert.equal((await ada.put(path, { typing: 'secret' })).status, 422)
  assert.equal((await ada.put(path, { looking: true })).status, 422)

  assert.equal((await tom.delete(path)).status, 204)
  assert.equal((await tom.delete(path)).status, 204)
  assert.deepEqual((await tim.get(path)).body.data, [])
  assert.deepEqual((await tom.put(path, {})).body, { object: 'presence', user, viewing: false, typing: null, expires_at: null })
  await desk.announced([])
  assert.deepEqual((await tim.get(`/v1/tickets/${ticket}`)).body, before.body)
  assert.deepEqual(await desk.query('select * from idempotency_keys'), [])
})

test('what is said for a moment is kept for no retry', async (t) => {
  const { desk, ticket, tom } = await openCase(t)
  const path = `/v1/tickets/${ticket}/presence`
  const key = { 'idempotency-key': 'one and the same' }
  await tom.post(`/v1/tickets/${ticket}/messages`, { body: 'We look into it.' }, key)

  assert.equal((await tom.put(path, { viewing: true }, key)).status, 200)
  desk.clock.advance(20_000)
  const again = await tom.put(path, { viewing: true }, key)

  assert.equal(again.body.expires_at, '2026-11-22T09:01:05.000Z')
  assert.equal('idempotent-replayed' in again.headers, false)
  assert.equal((await tom.delete(path, key)).status, 204)
  assert.equal((await desk.query('select * from idempotency_keys')).length, 1, 'that of the message alone')
})

test('a program writes, too, under the name of its key', async (t) => {
  const { desk, ticket, tim, ada } = await openCase(t)
  const admin = await desk.person({ role: 'admin' })
  const scopes = ['tickets:read', 'tickets:write']
  const { secret, id } = (await admin.post('/v1/api-keys', { name: 'Answering machine', role: 'agent', scopes })).body
  const path = `/v1/tickets/${ticket}/presence`

  const reply = await desk.bearer(secret).put(path, { typing: 'public' })

  assert.deepEqual(reply.body.user, { id, name: 'Answering machine' })
  for (const reader of [tim, ada]) assert.deepEqual((await reader.get(path)).body.data, [reply.body])
  const { secret: reading } = (await admin.post('/v1/api-keys', { name: 'Reader', role: 'agent', scopes: ['tickets:read'] })).body
  assert.equal((await desk.bearer(reading).get(path)).status, 200)
  assert.equal((await desk.bearer(reading).put(path, { viewing: true })).status, 403)
})
