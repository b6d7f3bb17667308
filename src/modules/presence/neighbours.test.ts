import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Caller, openDesk } from '../../../test/desk.ts'
import { NO_REDIS, someRedis } from '../../../test/redis-server.ts'
import { type Bus, silentBus } from '../../platform/bus.ts'
import { looking, type Side, shownTo, typing } from './lease.ts'
import { createNeighbours } from './neighbours.ts'
import { createRoster, standingOf } from './roster.ts'

/** Wires between nodes, in the place of a Redis: they lose what is said while they are cut. */
function createWires() {
  const hearers = new Map<object, (message: unknown) => void>()
  const calls: (() => void)[] = []
  const wires = {
    isCut: false,
    /** Everything that was said, as it went over the wire. */
    said: [] as string[],
    open(): Bus {
      const end = {}
      return {
        ...silentBus,
        publish: (_, message) => {
          const text = JSON.stringify(message)
          if (wires.isCut) return
          wires.said.push(text)
          for (const [other, hear] of hearers) if (other !== end) hear(JSON.parse(text))
        },
        subscribe: (_, hear) => {
          hearers.set(end, hear)
          return () => void hearers.delete(end)
        },
        onReconnect: (call) => void calls.push(call),
      }
    },
    mend() {
      wires.isCut = false
      for (const call of calls) call()
    },
    /** Something that none of ours would say. */
    inject(message: unknown) {
      for (const hear of hearers.values()) hear(message)
    },
  }
  return wires
}

const bounds = { tickets: 10_000, peoplePerTicket: 200, ticketsPerHolder: 50 }

/** One node of several: what is said on it, and what is known there. */
function openNode(bus: Bus, clock: { now(): number }) {
  const roster = createRoster({ clock, bounds, tell: (here, now, why) => neighbours.say(here, now, why) })
  const neighbours = createNeighbours({ bus, clock, roster })
  const say = (
    change: Parameters<typeof roster.hold>[1],
    { name = 'Tom', holder = 'c1', side = 'staff' as 'staff' | 'requester' } = {},
  ) => {
    roster.hold({ ticket_id: 'tkt', person: { id: name, name }, holder, side, isOwn: true }, change)
    neighbours.flush()
  }
  return {
    look: (who?: Parameters<typeof say>[1]) => say((lease, now) => looking(lease, true, now), who),
    write: (side: Side | null, who?: Parameters<typeof say>[1]) => say((lease, now) => typing(lease, side, now), who),
    leave: (holder: string) => {
      roster.leave(holder)
      neighbours.flush()
    },
    sweep: () => {
      roster.sweep()
      neighbours.flush()
    },
    close: () => neighbours.close(),
    /** Who is there, as a reader may know. */
    shown: (reader: 'staff' | 'requester' = 'staff') =>
      [...roster.inTicket('tkt')].flatMap((here) => {
        const { viewing, typing } = shownTo(reader, standingOf(here, clock.now(), 'all'), clock.now())
        const does = [viewing > 0 ? 'looks' : '', typing === null ? '' : `writes ${typing}`].filter((word) => word !== '')
        return does.length === 0 ? [] : [`${here.person.name} ${does.join(', ')}`]
      }),
  }
}

function openNodes() {
  const clock = { at: 1_000_000, now: () => clock.at }
  const wires = createWires()
  const [one, other] = [openNode(wires.open(), clock), openNode(wires.open(), clock)]
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.at += Math.min(left, 1_000)
      one.sweep()
      other.sweep()
    }
  }
  return { clock, wires, one, other, pass }
}

test('each node knows who is connected to the others, each side as much as it may', () => {
  const { one, other } = openNodes()

  one.look()
  one.write('internal')
  other.look({ name: 'Ada', holder: 'c2', side: 'requester' })

  for (const node of [one, other]) {
    assert.deepEqual(node.shown().sort(), ['Ada looks', 'Tom looks, writes internal'])
    assert.deepEqual(node.shown('requester'), ['Ada looks'])
  }
  one.write(null)
  assert.deepEqual(other.shown().sort(), ['Ada looks', 'Tom looks'])
  one.leave('c1')
  assert.deepEqual(other.shown(), ['Ada looks'])
})

test('who comes to work on the ticket that he only saw from outside is hidden from the public side everywhere', () => {
  const { one, other } = openNodes()
  one.look({ side: 'requester' })
  assert.deepEqual(other.shown('requester'), ['Tom looks'])

  one.look({ side: 'staff' })

  for (const node of [one, other]) {
    assert.deepEqual(node.shown('requester'), [])
    assert.deepEqual(node.shown('staff'), ['Tom looks'])
  }
})

test('somebody with devices on two nodes is there until both are gone', () => {
  const { one, other } = openNodes()
  one.look({ holder: 'phone' })
  other.look({ holder: 'laptop' })

  one.leave('phone')
  for (const node of [one, other]) assert.deepEqual(node.shown(), ['Tom looks'])
  other.leave('laptop')
  for (const node of [one, other]) assert.deepEqual(node.shown(), [])
})

test('who goes on writing and looking is never gone for a moment on another node, and does not say each time that he goes on', () => {
  const { one, other, pass, wires } = openNodes()
  one.look()
  one.write('public')

  for (let second = 3; second <= 90; second += 3) {
    pass(3_000)
    assert.deepEqual(other.shown(), ['Tom looks, writes public'], `after ${second} seconds`)
    one.write('public')
    if (second % 18 === 0) one.look()
  }
  assert.ok(wires.said.length <= 21, `${wires.said.length} messages for ninety seconds`)
})

test('a message that was lost is made good within ten seconds, or at once when the wire is mended', () => {
  const { one, other, pass, wires } = openNodes()
  wires.isCut = true
  one.look()
  wires.isCut = false
  assert.deepEqual(other.shown(), [])
  pass(10_000)
  assert.deepEqual(other.shown(), ['Tom looks'])

  wires.isCut = true
  one.look({ name: 'Tim', holder: 'c2' })
  wires.mend()
  assert.deepEqual(other.shown(), ['Tom looks', 'Tim looks'])
})

test('who was on a node that died is gone when his lease ends, and a lost goodbye lasts no longer', () => {
  const { one, other, pass, clock, wires } = openNodes()
  one.look()
  wires.isCut = true
  one.leave('c1')
  wires.isCut = false
  other.look({ name: 'Ada', holder: 'c2' })
  assert.deepEqual(other.shown().sort(), ['Ada looks', 'Tom looks'])

  clock.at += 44_999
  assert.deepEqual(other.shown().sort(), ['Ada looks', 'Tom looks'])
  pass(1)
  assert.deepEqual(other.shown(), [])
})

test('what is older than what was heard, and what has no such shape, changes nothing', () => {
  const { one, other, wires, clock } = openNodes()
  one.look()
  const [first = ''] = wires.said
  one.leave('c1')
  wires.inject(JSON.parse(first))
  assert.deepEqual(other.shown(), [])

  const end = clock.at + 20_000
  const word = { ticket_id: 'tkt', person: { id: 'x', name: 'X' }, side: 'staff', viewing: end, public: 0, internal: 0 }
  const news = { node: 'n', people: [word] }
  for (const wrong of [
    null,
    7,
    'x',
    [],
    {},
    news,
    { ...news, seq: '1' },
    { ...news, seq: 1, people: {} },
    { ...news, seq: 1, people: [null, 7, {}, { ...word, person: null }, { ...word, side: 'all' }] },
    {
      ...news,
      seq: 2,
      people: [
        { ...word, viewing: '1' },
        { ...word, person: { id: 'x' } },
      ],
    },
    { ...news, seq: 3, people: [{ ...word, person: { id: 'x', name: 'x'.repeat(1000) } }] },
  ])
    wires.inject(wrong)
  assert.deepEqual(other.shown(), [])

  wires.inject({ ...news, seq: 4, people: [{ ...word, viewing: clock.at + 9e9, person: { id: 'x', name: 'X', more: 'no' } }] })
  assert.deepEqual(other.shown(), ['X looks'])
  clock.at += 45_000
  assert.deepEqual(other.shown(), [], 'no node makes anything last longer than it may')
})

test('many people are said in messages that are not too long', () => {
  const { one, wires } = openNodes()
  wires.isCut = true
  for (let i = 0; i < 200; i++) one.look({ name: `${'𝕏'.repeat(97)}${i}`, holder: `c${i}` })
  wires.said.length = 0
  wires.mend()

  assert.equal(wires.said.length, 4)
  for (const text of wires.said) assert.ok(Buffer.byteLength(text) < 60_000, `${Buffer.byteLength(text)} bytes`)
})

/** Asks again until the answer is what it should be: there is nothing else to wait for where another node answers. */
async function until(
  caller: Caller,
  path: string,
  isThere: (names: string[]) => boolean,
  meanwhile = async () => {},
): Promise<void> {
  for (;;) {
    await meanwhile()
    await nextTurn()
    const { body } = await caller.get(path)
    if (isThere(body.data.map(({ user }: { user: { name: string } }) => user.name))) return
  }
}

async function openTwoNodes(t: TestContext, url: string) {
  const desk = await openDesk(t, { env: { BECKON_REDIS_URL: url } })
  const [tom, ada] = [await desk.person({ role: 'agent', name: 'Tom' }), await desk.person({ name: 'Ada' })]
  const ticket = (await ada.post('/v1/tickets', { subject: 'A printer', body: 'It smokes.' })).body.id
  const node = await desk.node(desk.clock)
  return {
    desk,
    node,
    tom,
    there: { tom: node.bearer(tom.token), ada: node.bearer(ada.token) },
    path: `/v1/tickets/${ticket}/presence`,
  }
}

test('two nodes with one Redis show the same people', async (t) => {
  const url = await someRedis(t)
  if (url === undefined) return t.skip(NO_REDIS)
  const { desk, tom, there, path } = await openTwoNodes(t, url)

  // The nodes may not have met yet: Tom says it again, as every client does.
  const goOn = async () => {
    desk.clock.advance(1_000)
    assert.equal((await tom.put(path, { viewing: true, typing: 'public' })).status, 200)
  }
  await until(there.tom, path, (names) => names.includes('Tom'), goOn)
  assert.deepEqual(
    (await there.tom.get(path)).body.data.map(({ viewing, typing }: { viewing: boolean; typing: string }) => [viewing, typing]),
    [[true, 'public']],
  )
  assert.equal((await there.ada.get(path)).body.data[0].viewing, false)

  assert.equal((await tom.delete(path)).status, 204)
  await until(there.tom, path, (names) => names.length === 0)
  await desk.announcements()
})
