// Two hundred people listen while eight write; lines are cut, nodes killed, Redis killed, flushed and stopped, at random. In the end
// everybody was told exactly what he may see, and holds what a fresh snapshot gives.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Chance, createChance } from '../../moving/chance.ts'
import { between } from '../node.ts'
import { actOnce, type Stage } from './acts.ts'
import { all, type Figure, type Scene, say, told } from './figure.ts'
import { askOver, type Desk, firstAdmin, hireAt, openDesk } from './measured.ts'
import type { RedisServer } from './redis-server.ts'
import type { StormAnswer, StormOrder } from './subscribers-process.ts'
import { chooseSubscriptions } from './subscriptions.ts'
import { type Ask, createWorld, type Person, type World } from './world.ts'

const SUBSCRIBERS = 200
const SIZE = { admins: 3, agents: 9, requesters: 12, tickets: 5 }
const MOST_TICKETS = 160
const HEARTBEAT_MS = 20_000
const QUIET_MS = 2000

export const storm: Scene = async ({ engine, redis, minutes }) => {
  const chance = createChance(Math.floor(performance.timeOrigin))
  const desk = await openDesk({ engine, nodes: engine === 'sqlite' ? 1 : 2, redis: redis || engine !== 'sqlite' })
  const ask = askOver(() => chance.one(desk.nodes).url)
  const world = await peopled(desk, ask)
  const listeners = openListeners()
  try {
    const subscriptions = chooseSubscriptions(world, { count: SUBSCRIBERS, chance })
    const urls = desk.nodes.map(({ url }) => url)
    await listeners.tell({ do: 'listen', world, urls, subscriptions, seed: chance.below(1e9) })
    say(`${engine}: ${SUBSCRIBERS} listen`)
    const writers = startWriters({ world, ask, chance, most: MOST_TICKETS })
    await listeners.tell({ do: 'shake' })
    const harm = await rage({ desk, chance, minutes, told: () => writers.told() })
    await listeners.tell({ do: 'calm' })
    const written = await writers.stop()
    say(`${engine}: it is quiet after ${written.done} writes`)

    const position = await headOf(ask, world)
    const { reached } = await listeners.tell({ do: 'reach', position, withinMs: 2 * HEARTBEAT_MS + 5000 })
    const { verdict, totals } = await listeners.tell({ do: 'judge', world })
    for (const finding of verdict?.findings ?? []) console.error(`${engine}: ${finding}`)
    for (const [answer, times] of written.unexpected) console.error(`${engine}: ${times} × ${answer}`)
    const bugs = await desk.close()
    for (const bug of bugs.slice(0, 5)) console.error(`${engine}: ${bug}`)
    say(`${engine}: lines ended: ${JSON.stringify(totals.ends)}`)
    const counts = verdict?.counts
    const enough: Figure = { ...told('writes', written.done), limit: '> 100 a minute', ok: written.done > 100 * minutes }
    return [
      enough,
      told('events in the log', position),
      told('events told, repeats left out', totals.told),
      told('lines opened; cut by clients', `${totals.connections}; ${totals.cuts}`),
      told('repeats; resets; passing frames', `${totals.repeats}; ${totals.resets}; ${totals.passing}`),
      told('nodes killed; Redis killed, flushed, stopped', `${harm.nodes}; ${harm.redis.join()}`),
      told('subscribers to whom a topic was closed', totals.closed),
      all('subscribers who know that they have everything', reached ?? 0, SUBSCRIBERS),
      told('compared: events; tickets of subscribers; envelopes', `${counts?.events}; ${counts?.pairs}; ${counts?.envelopes}`),
      told('compared with fresh snapshots: tickets; messages', `${counts?.tickets}; ${counts?.messages}`),
      told('messages sent over the line', counts?.said ?? 0),
      all('findings', verdict?.findings.length ?? 1, 0),
      all('answers that nobody should see', written.unexpected.size, 0),
      all('bugs in the log', bugs.length, 0),
    ]
  } finally {
    listeners.close()
  }
}

async function peopled(desk: Desk, ask: Ask): Promise<World> {
  const url = desk.nodes[0]?.url ?? ''
  const hire = hireAt(url, await firstAdmin(url))
  return createWorld(ask, { hire, size: SIZE })
}

/** The process of those who listen. */
function openListeners() {
  const child: ChildProcess = fork(join(import.meta.dirname, 'subscribers-process.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  process.on('exit', () => child.kill('SIGKILL'))
  return {
    tell: async (order: StormOrder): Promise<StormAnswer> => {
      const { promise, resolve, reject } = Promise.withResolvers<StormAnswer>()
      const gone = (): void => reject(new Error('those who listen are gone'))
      child.once('message', resolve)
      child.once('exit', gone)
      child.send(order)
      try {
        return await promise
      } finally {
        child.off('exit', gone)
      }
    },
    close: () => {
      if (child.connected) child.disconnect()
    },
  }
}

/** Eight people write without rest. */
function startWriters(stage: Stage) {
  const { admins, agents, requesters } = stage.world
  const writers = [...admins.slice(0, 2), ...agents.slice(0, 4), ...requesters.slice(0, 2)]
  const unexpected = new Map<string, number>()
  let done = 0
  let isOver = false
  const write = async (who: Person): Promise<void> => {
    while (!isOver) {
      // Whoever gets no answer goes on with something else.
      const answer = await actOnce(stage, who).catch(() => undefined)
      if (answer && answer.status < 300) done++
      else if (answer && answer.status >= 500 && answer.status !== 503) {
        const what = `${answer.status} ${String(answer.body.code)}`
        unexpected.set(what, (unexpected.get(what) ?? 0) + 1)
      }
      await wait(between(20, 120))
    }
  }
  const running = Promise.all(writers.map(write))
  running.catch(() => {})
  return {
    told: () => done,
    stop: async () => {
      isOver = true
      await running
      return { done, unexpected }
    },
  }
}

/** Breaks things until the time is over. */
async function rage({ desk, chance, minutes, told }: { desk: Desk; chance: Chance; minutes: number; told: () => number }) {
  const end = performance.now() + minutes * 60_000
  const harm = { nodes: 0, redis: [0, 0, 0] }
  const killNodes = async (): Promise<void> => {
    while (performance.now() < end) {
      await wait(Math.min(between(10_000, 30_000), Math.max(0, end - performance.now())))
      if (performance.now() >= end) return
      await desk.restart(chance.below(desk.nodes.length))
      harm.nodes++
      say(`${desk.engine}: node killed, ${told()} writes, ${Math.round((end - performance.now()) / 1000)} s to go`)
    }
  }
  const harmRedis = async (redis: RedisServer): Promise<void> => {
    while (performance.now() < end) {
      await wait(between(2000, 8000))
      const how = chance.below(3)
      harm.redis[how] = (harm.redis[how] ?? 0) + 1
      if (how === 0) {
        redis.kill('SIGKILL')
        await wait(between(0, 3000))
        await redis.restart()
      } else if (how === 1) {
        await redis.run('FLUSHALL')
        await redis.run('CLIENT KILL TYPE pubsub')
      } else {
        redis.kill('SIGSTOP')
        await wait(between(200, 4000))
        redis.kill('SIGCONT')
      }
    }
  }
  await Promise.all([killNodes(), desk.redis ? harmRedis(desk.redis) : undefined])
  return harm
}

/** Where the log ends when it has not grown for a while. */
async function headOf(ask: Ask, { admins }: World): Promise<number> {
  const [admin] = admins
  if (!admin) throw new Error('a desk needs an admin')
  let head = 0
  for (let quietSince = performance.now(); performance.now() - quietSince < QUIET_MS; ) {
    const { body } = await ask(admin, 'GET', `/v1/events?after=${head}&limit=100`)
    if (body.next_after === head) await wait(100)
    else quietSince = performance.now()
    head = body.next_after
  }
  return head
}
