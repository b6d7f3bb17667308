// Starts nodes that can be asked how they are.
import { setTimeout as wait } from 'node:timers/promises'
import { databaseOn, type Place, sqliteIn } from '../engine.ts'
import {
  admin,
  type BeckonNode,
  bugsIn,
  freePort,
  logIn,
  mustSend,
  type Sent,
  send,
  startNode,
  temporaryFolder,
} from '../node.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import type { Ask, Hire, Person } from './world.ts'

export interface Measured {
  /** Of the loop, in milliseconds, since it was asked for the last time by `lag()`. */
  lag: {
    p99: number
    max: number
    /** The longest garbage collection. */
    collection: number
  }
  /** In bytes. */
  rss: number
  heapUsed: number
  external: number
  arrayBuffers: number
  cpuMs: number
}

export interface Desk {
  engine: string
  nodes: BeckonNode[]
  redis: RedisServer | undefined
  /** Kills a node (SIGKILL) and starts it anew at its old address. */
  restart(i: number): Promise<void>
  /** The lag since the last time, which begins anew. */
  lag(i?: number): Promise<Measured['lag']>
  /** How it is after its garbage was collected and nothing more was found. */
  memory(i?: number): Promise<Measured>
  /** As it is. */
  glance(i?: number): Promise<Measured>
  /** What must not be in the logs, and a bad end. */
  close(): Promise<string[]>
}

export interface DeskOptions {
  engine: string
  nodes?: number
  redis?: boolean
  env?: Record<string, string>
}

const SETTLES_WITHIN = 30
const SETTLED_BYTES = 512 * 1024

/** An installation of its own. */
export async function openDesk({ engine, nodes: count = 1, redis: withRedis = false, env = {} }: DeskOptions): Promise<Desk> {
  const folders = Array.from({ length: count }, () => temporaryFolder())
  const place: Place =
    engine === 'sqlite' ? sqliteIn(folders[0] ?? '') : await databaseOn(engine === 'mariadb' ? undefined : engine)
  const redis = withRedis ? await startRedis() : undefined
  const ports = await Promise.all(folders.map(() => freePort()))
  const measuring = await Promise.all(folders.map(() => freePort()))
  const start = (i: number): Promise<BeckonNode> =>
    startNode({
      ...{ folder: folders[i] ?? '', port: ports[i] ?? 0, databaseUrl: place.url },
      main: ['--expose-gc', 'test/chaos/realtime/measured-node.ts'],
      env: {
        MEASURE_PORT: String(measuring[i]),
        BECKON_STREAMS_PER_CALLER: '20000',
        ...(redis ? { BECKON_REDIS_URL: redis.url } : {}),
        ...env,
      },
    })
  const nodes: BeckonNode[] = []
  for (let i = 0; i < count; i++) nodes.push(await start(i))
  const ask = async (path: string, i: number): Promise<Measured> =>
    // Written by measured-node.ts.
    (await mustSend(`http://127.0.0.1:${measuring[i]}`, { path })) as unknown as Measured
  return {
    ...{ engine, nodes, redis },
    restart: async (i) => {
      nodes[i]?.kill('SIGKILL')
      await nodes[i]?.ended
      nodes[i] = await start(i)
    },
    lag: async (i = 0) => (await ask('/lag', i)).lag,
    glance: (i = 0) => ask('/', i),
    memory: async (i = 0) => {
      let before = await ask('/memory', i)
      for (let n = 0; n < SETTLES_WITHIN; n++) {
        await wait(250)
        const now = await ask('/memory', i)
        if (Math.abs(now.rss - before.rss) < SETTLED_BYTES) return now
        before = now
      }
      return before
    },
    close: async () => {
      const bugs = nodes.flatMap((node) => bugsIn(node.logged())).map((line) => line.slice(0, 1500))
      const exits = await Promise.all(nodes.map((node) => node.stop()))
      redis?.kill('SIGKILL')
      await place.drop()
      return [...bugs, ...exits.filter((exit) => exit !== 0).map((exit) => `told to stop, a node exited with ${exit}`)]
    },
  }
}

/** Asks a node that is up; what is safe to send again is sent again until one answers. */
export function askOver(urlOf: () => string): Ask {
  return async (who, method, path, body) => {
    const sent: Sent = { method, path, token: who.token, ...(body === undefined ? {} : { body }), timeoutMs: 20_000 }
    for (let tries = 1; ; tries++)
      try {
        const answer = await send(urlOf(), sent)
        if (answer.status === 503 && method === 'GET' && tries < 100) throw new Error('busy')
        return answer
      } catch (error) {
        if (method !== 'GET' || tries >= 100) throw error
        await wait(100)
      }
  }
}

/** Signs in who was there from the start. */
export async function firstAdmin(url: string): Promise<Person> {
  const token = await logIn(url, admin)
  const { id } = await mustSend(url, { path: '/v1/me', token })
  return { id: String(id), name: 'admin', role: 'admin', token, moves: false }
}

/** Makes accounts, and signs them in. */
export function hireAt(url: string, { token }: Person): Hire {
  return async (role, name) => {
    const person = { email: `${name.replaceAll(' ', '.')}@chaos.example`, password: 'a-long-pass-phrase-for-chaos' }
    const { id } = await mustSend(url, { method: 'POST', path: '/v1/users', token, body: { ...person, name, role } })
    return { id: String(id), name, role, token: await logIn(url, person) }
  }
}
