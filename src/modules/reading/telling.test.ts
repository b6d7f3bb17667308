import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Caller, type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { type Actor, systemActor } from '../../platform/actor.ts'
import { silentBus } from '../../platform/bus.ts'
import { createCursors } from '../../platform/http/cursor.ts'
import { createReading } from './index.ts'

/** Two nodes as far as reading goes: what each tells those who listen to it. */
function twoNodes(desk: Desk) {
  const hearing: ((message: unknown) => void)[] = []
  const told: { node: number; ticket_id: string; staff: Json; requester: Json }[] = []
  const nodes = [0, 1].map((node) => {
    const bus = {
      ...silentBus,
      publish: (_: string, message: unknown) => hearing[1 - node]?.(JSON.parse(JSON.stringify(message))),
      subscribe: (_: string, hear: (message: unknown) => void) => {
        hearing[node] = hear
        return () => {}
      },
    }
    const ground = {
      database: desk.database,
      transact: desk.app.transact,
      cursors: createCursors(Buffer.alloc(32)),
      bus,
    }
    return createReading(ground, { tell: (ticket_id, frames) => void told.push({ node, ticket_id, ...frames }) })
  })
  const [here, there] = nodes
  assert.ok(here && there)
  return { here, there, hearing, take: () => told.splice(0) }
}

function asActor({ id, name, role }: Person): Actor {
  return { ...systemActor, type: 'user', id, name, role, queue_ids: [] }
}

async function openFire(t: TestContext) {
  const desk = await openDesk(t)
  const [root, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const fire = (await ada.post('/v1/tickets', { subject: 'Fire', body: 'Fire.' })).body
  const [first] = (await ada.get(`/v1/tickets/${fire.id}/messages`)).body.data
  return { desk, root, ada, fire, first, ...twoNodes(desk) }
}

async function say(caller: Caller, ticket: Json, body: string, visibility = 'public'): Promise<Json> {
  return (await caller.post(`/v1/tickets/${ticket.id}/messages`, { body, visibility })).body
}

test('who listens to a ticket hears on every node that somebody has read on, the public side only of public messages', async (t) => {
  const { desk, root, fire, first, here, take } = await openFire(t)
  const user = { id: root.id, name: root.name }
  const frame = {
    type: 'read',
    ticket_id: fire.id,
    user,
    last_read_message_id: first.id,
    last_read_at: '2026-11-22T09:00:00.000Z',
    last_delivered_message_id: first.id,
  }

  await here.markRead(asActor(root), { ticket: fire.id, state: 'read' })

  const told = { ticket_id: fire.id, staff: frame, requester: frame }
  assert.deepEqual(take(), [
    { node: 0, ...told },
    { node: 1, ...told },
  ])
  await here.markRead(asActor(root), { ticket: fire.id, state: 'read' })
  assert.deepEqual(take(), [])
  desk.clock.advance(1000)
  const note = await say(root, fire, 'A note.', 'internal')
  await here.markRead(asActor(root), { ticket: fire.id, state: 'read' })
  assert.deepEqual(
    take().map(({ staff, requester }) => [staff.last_read_message_id, requester]),
    Array.from({ length: 2 }, () => [note.id, null]),
  )
})

test('what has arrived is said of many messages at once, and of none that one does not see', async (t) => {
  const { root, ada, desk, fire, here, take } = await openFire(t)
  const answer = await say(root, fire, 'We come.')
  const note = await say(root, fire, 'A note.', 'internal')
  const other = (await root.post('/v1/tickets', { subject: 'Other', body: 'Other.' })).body
  const [foreign] = (await root.get(`/v1/tickets/${other.id}/messages`)).body.data
  const messages = [answer, note, foreign].map(({ id, ticket_id }) => ({ ticket_id, message_id: id }))

  await here.markDelivered(asActor(ada), messages)

  const [told, ...more] = take().filter(({ node }) => node === 0)
  assert.deepEqual([told?.requester.last_delivered_message_id, told?.requester.last_read_message_id], [answer.id, null])
  assert.deepEqual(more, [])
  await here.markDelivered(asActor(ada), messages)
  await here.markDelivered({ ...asActor(ada), type: 'api_key' }, messages)
  assert.deepEqual(take(), [])
  assert.equal((await desk.query('select * from read_marks')).length, 1)
  const { body } = await root.get(`/v1/tickets/${fire.id}/messages/${answer.id}/receipts`)
  assert.deepEqual(
    body.data.map(({ user, state }: Json) => [user.id, state]),
    [[ada.id, 'delivered']],
  )
})

test('what has arrived is said of who takes part in a ticket, and of nobody else who sees it', async (t) => {
  const { desk, root, ada, fire, first, here, take } = await openFire(t)
  const [tom, tim] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'admin' })]
  await root.patch(`/v1/tickets/${fire.id}`, { assignee_id: tom.id })
  assert.equal((await root.put(`/v1/tickets/${fire.id}/participants/${tim.id}`, { role: 'follower' })).status, 200)
  const answer = await say(root, fire, 'We come.')

  for (const person of [root, tom, tim, ada])
    await here.markDelivered(
      asActor(person),
      [first, answer].map(({ id }) => ({ ticket_id: fire.id, message_id: id })),
    )

  const told = take().filter(({ node }) => node === 0)
  assert.deepEqual(
    told.map(({ staff }) => [staff.user.id, staff.last_delivered_message_id]),
    [tom, tim, ada].map(({ id }) => [id, answer.id]),
  )
})

test('what another node says is only passed on where it has the shape', async (t) => {
  const { fire, hearing, take } = await openFire(t)

  for (const message of [null, 'hello', {}, { ticket_id: fire.id, staff: { type: 'read' }, requester: null }])
    hearing[0]?.(message)

  assert.deepEqual(take(), [])
})

test('the public side is not told of those whom it does not know what has reached them, before they have read', async (t) => {
  const { desk, root, ada, fire, first, here, take } = await openFire(t)
  const [fay, abe, cara] = [
    await desk.person({ role: 'agent', name: 'Fay' }),
    await desk.person({ role: 'agent', name: 'Abe' }),
    await desk.person({ name: 'Cara' }),
  ]
  const path = `/v1/tickets/${fire.id}`
  await root.put(`${path}/participants/${fay.id}`, { role: 'follower' })
  await root.put(`${path}/participants/${cara.id}`, { role: 'cc' })
  await root.patch(path, { assignee_id: abe.id })
  const namesTold = (side: 'staff' | 'requester') =>
    take().flatMap(({ node, [side]: frame }) => (node === 0 && frame ? frame.user.name : []))
  const namesListed = async () => (await ada.get(`${path}/read-marks`)).body.data.map(({ name }: Json) => name)
  const arrived = [{ ticket_id: fire.id, message_id: first.id }]

  for (const person of [fay, abe, cara]) await here.markDelivered(asActor(person), arrived)

  assert.deepEqual(namesTold('requester'), ['Cara'])
  assert.deepEqual((await namesListed()).sort(), [ada.name, 'Cara'].sort())
  await here.markRead(asActor(fay), { ticket: fire.id, state: 'read' })
  assert.deepEqual(namesTold('requester'), ['Fay'])
  assert.ok((await namesListed()).includes('Fay'))
  const note = await say(root, fire, 'A note.', 'internal')
  await here.markDelivered(asActor(abe), [{ ticket_id: fire.id, message_id: note.id }])
  assert.deepEqual(namesTold('requester'), [])
})
