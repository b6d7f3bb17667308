import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { newId } from '../../src/platform/ids.ts'
import type { Json } from '../desk.ts'
import { clientsOf, type LiveSocket, type LiveStream, refusedWith } from '../live.ts'
import { type Role, requesters, sees, signedIn, type TicketName, tickets } from './roles.ts'
import { buildWorld, canary, tokenOf, type World } from './world.ts'

type Clients = ReturnType<typeof clientsOf>

/** A role that listens to all that it may, on both kinds of streams. */
interface Listening {
  role: Role
  names: readonly TicketName[]
  stream: LiveStream
  socket: LiveSocket
}

const listening = signedIn.filter((role) => role !== 'keyNarrow')
const living = tickets.filter((name) => name !== 'gone')
const isOf = (roles: readonly Role[], role: Role): boolean => roles.includes(role)

test('nothing comes over a stream but what its reader may see', async (t) => {
  const world = await buildWorld(t)
  const clients = await listen(world, (port) => clientsOf(t, port))
  const ears: Listening[] = []
  for (const role of listening) ears.push(await openBoth(world, clients, role))

  await t.test('from the oldest event on, and as it happens: events, who is there, who writes, who has read', async () => {
    await happen(world, clients)
    for (const { role, names, stream, socket } of ears) {
      const last = names.at(-1)
      assert.ok(last, role)
      await world.people.paul.post(`/v1/tickets/${world.tickets[last].id}/messages`, { body: `The end for ${role}.` })
      const isLast = ({ event }: Json) => event?.object?.body === `The end for ${role}.`
      await socket.frames.until(isLast)
      await stream.blocks.until(({ data }) => isLast({ event: data }))
    }
    for (const ear of ears) check(world, ear)
  })

  await t.test('a ticket that is hidden is like one that is missing in every frame that names it', async () => {
    for (const { role } of ears)
      for (const frame of namingFrames) {
        const socket = await clients.socket('', { bearer: tokenOf(world, role) ?? '' })
        await compareHidden(world, { role, socket, frame })
        socket.socket.close()
      }
  })

  await t.test('a key hears and says what its scopes let it, frame by frame', async () => {
    const key = async (scopes: string[]) =>
      (await world.people.anna.post('/v1/api-keys', { name: 'Narrow', role: 'admin', scopes })).body.secret as string
    for (const scopes of [['events:read'], ['tickets:read'], ['tickets:read', 'tickets:write']])
      for (const open of [clients.stream, clients.socket])
        assert.equal((await refusedWith(open('?topics=all', { bearer: await key(scopes) }))).status, 403)
    const socket = await clients.socket('', { bearer: await key(['events:read', 'tickets:read']) })
    const { id: ticket } = world.tickets.general
    for (const frame of namingFrames.filter(({ type }) => type !== 'subscribe')) {
      socket.say({ ...frame, ticket, ref: frame.type })
      const answer = await socket.frames.until(({ ref }) => ref === frame.type)
      assert.deepEqual([answer.type, answer.problem?.status], ['error', 403], frame.type)
    }
  })
})

/** What names a ticket, in every frame that does. */
const namingFrames: { type: string; [key: string]: unknown }[] = [
  { type: 'subscribe' },
  { type: 'send', body: 'Hello.', client_id: 'hello' },
  { type: 'send', body: 'Hello.', client_id: 'hello', visibility: 'internal' },
  { type: 'typing' },
  { type: 'typing', visibility: 'internal' },
  { type: 'presence' },
  { type: 'read' },
]

async function listen<T>({ desk }: World, clientsAt: (port: number) => T): Promise<T> {
  const { server } = desk.app
  await server.listen({ port: 0, host: '127.0.0.1' })
  return clientsAt((server.server.address() as AddressInfo).port) // it listens on TCP
}

async function openBoth(world: World, clients: Clients, role: Role): Promise<Listening> {
  const names = living.filter((name) => isOf([...sees[name].staff, ...sees[name].public], role))
  const topics = ['all', 'me', ...names.map((name) => `ticket:${world.tickets[name].id}`)].join()
  const bearer = tokenOf(world, role) ?? ''
  const { body } = await world.desk.bearer(bearer).post('/v1/realtime/tokens')
  return {
    ...{ role, names },
    stream: await clients.stream(`?topics=${topics}&after=0&token=${body.token}`),
    socket: await clients.socket(`?topics=${topics}&after=0`, { bearer }),
  }
}

/** Nora does on the inside of every ticket what can be done there, Paul the same outside. */
async function happen(world: World, clients: Clients): Promise<void> {
  const { desk, people, canaries } = world
  const say = async (who: LiveSocket, frame: object): Promise<Json> => {
    const ref = newId('ref')
    who.say({ ...frame, ref })
    who.say({ type: 'subscribe', topics: ['me'], ref: `${ref} done` })
    await who.frames.until((one) => one.ref === `${ref} done`)
    assert.ok(!who.frames.all.some((one) => one.type === 'error'), JSON.stringify(who.frames.all.at(-2)))
    return who.frames.all.find((one) => one.ref === ref)
  }
  const wide = (await people.anna.post('/v1/api-keys', { name: canary('inner', 'keyname'), role: 'admin' })).body
  const { staff: anyStaff } = { staff: listening.filter((role) => !isOf(requesters, role)) }
  canaries.hide(canary('inner', 'keyname'), { name: 'the name of the key that writes notes', seenBy: [], maybeBy: anyStaff })
  canaries.hide(wide.id, { name: 'the id of the key that writes notes', seenBy: [], maybeBy: anyStaff })
  for (const name of living) {
    const { id: ticket } = world.tickets[name]
    // New ones each time: a client may say so much at once.
    const [nora, paul, key] = [
      await clients.socket('?topics=all', { bearer: people.nora.token }),
      await clients.socket('?topics=all', { bearer: people.paul.token }),
      await clients.socket('', { bearer: wide.secret }),
    ]
    const seenBy = sees[name].staff
    for (const what of ['live', 'withdrawn', 'changed'])
      canaries.hide(canary(name, what), { name: `the ${what} of ${name}`, seenBy })
    const note = { type: 'send', ticket, visibility: 'internal' }
    for (const [who, nth] of [
      [nora, 1],
      [key, 2],
    ] as const) {
      await say(who, { type: 'presence', ticket })
      await say(who, { type: 'typing', ticket, visibility: 'internal' })
      const body = canary(name, 'live')
      const { message } = await say(who, { ...note, body, client_id: `${name} live ${nth}` })
      await people.nora.patch(`/v1/tickets/${ticket}/messages/${message.id}`, { body: canary(name, 'changed') })
      await say(who, { type: 'typing', ticket, visibility: 'internal', active: false })
    }
    await say(paul, { type: 'typing', ticket })
    const { message } = await say(paul, { type: 'send', ticket, body: 'Soon.', client_id: `${name} soon` })
    await say(paul, { type: 'read', ticket })
    await desk.settle()
    // What has reached her she says, and that a note has.
    const { event } = await nora.frames.until((one) => one.event?.subject.id === message.id)
    nora.say({ type: 'ack', position: event.position })
    await people.nora.put(`/v1/tickets/${ticket}/read`, { state: 'delivered' })
    const inner = await say(nora, { ...note, body: 'Psst.', client_id: `${name} psst` })
    canaries.hide(inner.message.id, { name: `the id of a note of ${name}`, seenBy })
    await say(paul, { type: 'read', ticket })
    await say(paul, { type: 'typing', ticket, visibility: 'internal' })
    // Never public, and taken back.
    const gone = await say(nora, { ...note, body: canary(name, 'withdrawn'), client_id: `${name} withdrawn` })
    await people.nora.delete(`/v1/tickets/${ticket}/messages/${gone.message.id}`)
  }
  await desk.settle()
}

/** Searches all bytes that came, and makes sure that what is looked for came to those who may see it. */
function check(world: World, { role, names, stream, socket }: Listening): void {
  const framesOfStream = stream.blocks.all.flatMap(({ data, event }) => (data && event ? [data] : []))
  for (const [kind, text, frames] of [
    ['an event stream', stream.text(), framesOfStream],
    ['a WebSocket', socket.text(), socket.frames.all],
  ] as const) {
    world.canaries.search(role, kind, text)
    assert.ok(text.includes('"id":"evt_'), `${role} hears nothing on ${kind}`)
    const told = (type: string, user: string, ticket: string): Json[] =>
      frames.filter((frame) => frame.type === type && frame.user?.id === user && frame.ticket_id === ticket)
    const { paul, nora } = world.people
    for (const name of names) {
      const { id } = world.tickets[name]
      const isStaff = isOf(sees[name].staff, role)
      const what = `${role} of ${name} on ${kind}`
      assert.equal(text.includes(canary(name, 'live')), isStaff, what)
      for (const type of ['typing', 'presence', 'read'])
        assert.equal(told(type, nora.id, id).length > 0, isStaff, `${type}: ${what}`)
      const sides = told('typing', paul.id, id).map(({ visibility, active }) => [visibility, active])
      if (isStaff)
        assert.ok(
          sides.some(([side]) => side === 'internal'),
          what,
        )
      else
        assert.deepEqual(
          sides.slice(0, 1).concat(sides.slice(1)),
          [
            ['public', true],
            ['public', false],
          ],
          what,
        )
      // That he has read a note is told to staff alone.
      if (!isStaff) assert.equal(told('read', paul.id, id).length, 1, what)
    }
    // None of them has lost anything but a ticket that was deleted.
    const left = text.matchAll(/"type":"left","ticket_id":"(\w+)"/g).map(([, id]) => id)
    if (isOf(requesters, role))
      assert.ok(
        left.every((id) => id === world.tickets.gone.id),
        `${role} on ${kind}`,
      )
  }
}

async function compareHidden(
  world: World,
  { role, socket, frame }: { role: Role; socket: LiveSocket; frame: { type: string } },
): Promise<void> {
  const { id, number } = world.tickets.freds
  const pairs = [
    [world.tickets.gone.id, newId('tkt')],
    ...(isOf([...sees.freds.staff, ...sees.freds.public], role)
      ? []
      : [
          [id, newId('tkt')],
          [String(number), '900100'],
          [`ext:${canary('freds', 'external')}`, 'ext:canarynothing'],
        ]),
  ]
  const ask = async (name = ''): Promise<Json> => {
    const ref = newId('ref')
    socket.say(frame.type === 'subscribe' ? { ...frame, ref, topics: [`ticket:${name}`] } : { ...frame, ref, ticket: name })
    const { problem, type } = await socket.frames.until((one) => one.ref === ref)
    assert.equal(type, 'error')
    const { request_id: _, ...rest } = problem
    return rest
  }
  for (const [hidden, missing] of pairs) {
    const answer = await ask(hidden)
    assert.ok(answer.status >= 400, `${role} ${JSON.stringify(frame)}`)
    assert.deepEqual(answer, await ask(missing), `${role} ${JSON.stringify(frame)} of ${hidden}`)
  }
}
