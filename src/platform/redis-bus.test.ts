import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { NO_REDIS, openRedis, someRedis } from '../../test/redis-server.ts'
import { type Bus, openBus, silentBus } from './bus.ts'
import { createLog } from './log.ts'
import { openRedisBus } from './redis-bus.ts'
import { createSecrets } from './secrets.ts'

/** A node's bus, what it logged, and when it can be heard. */
interface Node extends Bus {
  lines: { level: number; msg: string }[]
  /** Resolves the next time that others can be heard. */
  connected(): Promise<void>
}

function logInto(lines: Node['lines']) {
  return createLog({ level: 'info', format: 'json', destination: { write: (line) => void lines.push(JSON.parse(line)) } })
}

async function openNode(t: TestContext, url: string, open: Partial<Parameters<typeof openRedisBus>[0]> = {}): Promise<Node> {
  const lines: Node['lines'] = []
  const bus = openRedisBus({ url, installation: 'test', log: logInto(lines), ...open })
  t.after(() => bus.close())
  let waiting: (() => void)[] = []
  bus.onReconnect(() => {
    for (const resolve of waiting) resolve()
    waiting = []
  })
  return { ...bus, lines, connected: () => new Promise((resolve) => waiting.push(resolve)) }
}

async function openNodes(
  t: TestContext,
  url: string,
  open: Partial<Parameters<typeof openRedisBus>[0]> = {},
): Promise<[Node, Node]> {
  const nodes: [Node, Node] = [await openNode(t, url, open), await openNode(t, url, open)]
  await Promise.all(nodes.map((node) => node.connected()))
  return nodes
}

/** What a node hears next on a channel. */
function next(bus: Bus, channel: string): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = bus.subscribe(channel, (message) => {
      stop()
      resolve(message)
    })
  })
}

/** Says something again and again, since it may be lost, until the other one hears it. */
async function reaches(from: Bus, to: Bus, message: string): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    const stop = to.subscribe('log', (said) => {
      if (said !== message) return
      stop()
      resolve()
    })
  })
  const again = setInterval(() => from.publish('log', message), 10)
  await heard
  clearInterval(again)
}

test('nodes hear each other, and not themselves', async (t) => {
  const url = await someRedis(t)
  if (url === undefined) return t.skip(NO_REDIS)
  const [one, other] = await openNodes(t, url, { installation: `test-${process.pid}` })
  const heardByOne: unknown[] = []
  one.subscribe('log', (message) => heardByOne.push(message))
  await reaches(other, one, 'first')
  await reaches(one, other, 'second')
  const last = next(one, 'log')

  one.publish('log', 'of my own')
  one.publish('presence', 'on another channel')
  other.publish('log', { position: 7 })

  assert.deepEqual(await last, { position: 7 })
  assert.equal(heardByOne.includes('of my own'), false)
  assert.equal(heardByOne.includes('on another channel'), false)
})

test('two installations with one Redis do not hear each other', async (t) => {
  const url = await someRedis(t)
  if (url === undefined) return t.skip(NO_REDIS)
  const log = logInto([])
  const open = async (secret: string): Promise<Bus> => {
    const bus = await openBus({ url, secrets: createSecrets(secret), log })
    t.after(() => bus.close())
    await new Promise<void>((resolve) => bus.onReconnect(resolve))
    return bus
  }
  const [own, same, foreign] = [await open('a secret'), await open('a secret'), await open('another secret')]
  const heard: unknown[] = []
  own.subscribe('log', (message) => heard.push(message))
  await reaches(same, own, 'ready')

  foreign.publish('log', 'from elsewhere')
  await reaches(foreign, await open('another secret'), 'foreign is heard by its own')
  await reaches(same, own, 'last')

  assert.equal(heard.includes('from elsewhere'), false)
})

test('what none of ours would say is passed over, and a hearer that fails harms nobody', async (t) => {
  const redis = await openRedis(t)
  if (!redis) return t.skip(NO_REDIS)
  const [one, other] = await openNodes(t, redis.url)
  const heard: unknown[] = []
  one.subscribe('log', () => {
    throw new Error('a bug')
  })
  one.subscribe('log', (message) => heard.push(message))
  await reaches(other, one, 'ready')

  const stranger = await openSocket(t, redis.url)
  const big = JSON.stringify({ node: 'x', message: 'x'.repeat(65_536) })
  for (const text of ['', '{', 'null', '[]', '{"node":7,"message":1}', '{"node":"x"}', big])
    await say(stranger, 'beckon:test:log', text)
  await say(stranger, 'beckon:test:log', '{"node":"x","message":"as one of ours"}')
  await reaches(other, one, 'last')

  assert.deepEqual([...new Set(heard)], ['ready', 'as one of ours', 'last'])
  assert.ok(one.lines.some(({ msg }) => msg === 'news of other nodes could not be taken in'))
})

test('what is no JSON or too long is not said, and nothing is thrown', async (t) => {
  const redis = await openRedis(t)
  if (!redis) return t.skip(NO_REDIS)
  const [one, other] = await openNodes(t, redis.url)
  const heard: unknown[] = []
  one.subscribe('log', (message) => heard.push(message))
  await reaches(other, one, 'ready')
  const circle: { self?: unknown } = {}
  circle.self = circle

  other.publish('log', circle)
  other.publish('log', 'x'.repeat(65_536))
  await reaches(other, one, 'last')

  assert.deepEqual([...new Set(heard)], ['ready', 'last'])
})

test('a Redis that is killed and started again is heard again, and its outage is told once', async (t) => {
  const redis = await openRedis(t)
  if (!redis) return t.skip(NO_REDIS)
  const [one, other] = await openNodes(t, redis.url)
  await reaches(one, other, 'before')

  await redis.signal('SIGKILL')
  for (let i = 0; i < 1000; i++) one.publish('log', 'lost')
  const back = Promise.all([one.connected(), other.connected()])
  await redis.start()
  await back
  await reaches(one, other, 'after')
  await reaches(other, one, 'after')

  for (const { lines } of [one, other])
    assert.deepEqual(
      lines.map(({ msg }) => msg.split(':')[0]),
      ['Redis does not serve', 'Redis serves again'],
    )
})

test('a Redis that stands still for a moment makes nobody wait, and what is said is bounded', async (t) => {
  const redis = await openRedis(t)
  if (!redis) return t.skip(NO_REDIS)
  const [one, other] = await openNodes(t, redis.url)
  await reaches(one, other, 'before')
  let heard = 0
  other.subscribe('log', (message) => {
    if (String(message).startsWith('meanwhile')) heard++
  })

  await redis.signal('SIGSTOP')
  const began = performance.now()
  for (let i = 0; i < 20_000; i++) one.publish('log', `meanwhile ${'x'.repeat(1000)}`)
  const took = performance.now() - began
  await redis.signal('SIGCONT')
  await reaches(one, other, 'after')

  assert.ok(took < 2000, `it took ${took} ms to say what nobody heard`)
  assert.ok(heard > 0 && heard < 1100, `${heard} messages of a thousand bytes were kept`)
})

test('a Redis that stays silent counts as away, and is heard again when it speaks', async (t) => {
  const redis = await openRedis(t)
  if (!redis) return t.skip(NO_REDIS)
  const [one, other] = await openNodes(t, redis.url, { pingMs: 50, silenceMs: 300 })
  const told = new Promise<void>((resolve) => {
    const push = one.lines.push.bind(one.lines)
    one.lines.push = (...lines) => {
      resolve()
      return push(...lines)
    }
  })

  await redis.signal('SIGSTOP')
  await told
  const back = one.connected()
  await redis.signal('SIGCONT')
  await back

  await reaches(one, other, 'after')
  assert.match(String(one.lines[0]?.msg), /^Redis does not serve/)
})

test('a node starts and stops while its Redis is away', async (t) => {
  const nobody = createServer().listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const address = nobody.address()
  assert.ok(typeof address === 'object' && address !== null)
  nobody.close()
  await once(nobody, 'close')
  const node = await openNode(t, `redis://127.0.0.1:${address.port}`)

  node.subscribe('log', () => {})
  node.publish('log', 'lost')
  await node.close()
  await node.close()
  node.publish('log', 'lost, too')

  assert.equal(node.lines.length <= 1, true)
})

test('without a URL there are no other nodes', async () => {
  const lines: Node['lines'] = []

  const bus = await openBus({ url: undefined, secrets: createSecrets('a secret'), log: logInto(lines) })

  assert.equal(bus, silentBus)
  bus.publish('log', 'to nobody')
  bus.subscribe('log', () => assert.fail('nobody says anything'))()
  bus.onReconnect(() => assert.fail('there is nobody to hear again'))
  await bus.close()
  assert.deepEqual(lines, [])
})

async function openSocket(t: TestContext, url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Publishes any bytes, and waits until the server has them. */
async function say(socket: Socket, channel: string, text: string): Promise<void> {
  const parts = ['PUBLISH', channel, text].map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
  socket.write(`*3\r\n${parts.join('')}`)
  const [reply] = await once(socket, 'data')
  assert.match(String(reply), /^:\d/)
}
