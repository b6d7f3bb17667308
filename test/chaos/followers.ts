// Those who follow the log and the streams while things break, and what they were told against what there is.
import { setTimeout as wait } from 'node:timers/promises'
import type { Database } from '../../src/platform/database/database.ts'
import { admin, type Json, logIn, send } from './node.ts'
import { type Kind, openStream, type Stream } from './realtime/stream.ts'

/** One who follows, comes back whenever he is cut off, and keeps what he was told. */
export interface Follower {
  name: string
  /** Ids of events by position, repeats left out. */
  told: Map<number, string>
  /** When he was first told of the creation of this ticket or message. */
  seenAt: Map<string, number>
  /** How far he was told everything. */
  cursor(): number
  /** How often he came back, and was told something for the second time. */
  counts: { returns: number; repeats: number }
  /** What must not happen whatever else does. */
  wrong: string[]
  stop(): Promise<void>
}

interface FollowerOptions {
  name: string
  token: string
  /** Where he asks the next time. */
  urlOf(): string
}

const PAUSE_MS = 50

/** Asks `GET /v1/events` for what is new, again and again. */
export function followLog({ name, token, urlOf }: FollowerOptions): Follower {
  const kept = empty(name)
  let after = 0
  let stopped = false
  const ask = async (): Promise<void> => {
    while (!stopped) {
      const path = `/v1/events?after=${after}&limit=100`
      const answer = await send(urlOf(), { path, token, timeoutMs: 15_000 }).catch(() => undefined)
      if (answer?.status !== 200) {
        kept.counts.returns++
        if (answer && answer.status < 500) kept.wrong.push(`${name} is answered ${answer.status}`)
        await wait(PAUSE_MS)
        continue
      }
      for (const event of answer.body.data as Json[]) take(kept, event)
      after = Number(answer.body.next_after)
      if (answer.body.has_more !== true) await wait(20)
    }
  }
  const running = ask()
  running.catch((error) => kept.wrong.push(`${name} cannot go on: ${error}`))
  return {
    ...kept,
    cursor: () => after,
    stop: async () => {
      stopped = true
      await running
    },
  }
}

/** Listens to everything by an event stream or a WebSocket; comes back with the position of the last that he was told. */
export function followStream({ name, token, urlOf, kind }: FollowerOptions & { kind: Kind }): Follower {
  const kept = empty(name)
  let cursor = 0
  let stopped = false
  let stream: Stream | undefined
  const connect = (): void => {
    stream = openStream({
      ...{ kind, url: urlOf(), token, topics: ['all'], after: cursor },
      onFrame: ({ type, event, position }) => {
        if (type === 'reset') kept.wrong.push(`${name} is told to begin anew at ${position}`)
        if (type !== 'event') return
        take(kept, event)
        cursor = Math.max(cursor, Number(event.position))
      },
      onEnd: (why) => {
        if (stopped) return
        kept.counts.returns++
        if (/^4(?!29)\d\d /.test(why)) kept.wrong.push(`${name} is refused: ${why.slice(0, 200)}`)
        setTimeout(() => {
          if (!stopped) connect()
        }, PAUSE_MS).unref()
      },
    })
  }
  connect()
  return {
    ...kept,
    cursor: () => cursor,
    stop: async () => {
      stopped = true
      stream?.cut()
    },
  }
}

/** One of the log, two event streams and two WebSockets, as the first admin, who is told everything. */
export async function startFollowers(urlOf: () => string): Promise<Follower[]> {
  const token = await logIn(urlOf(), admin)
  const kinds: Kind[] = ['event stream', 'web socket', 'event stream', 'web socket']
  return [
    followLog({ name: 'log', token, urlOf }),
    ...kinds.map((kind, i) => followStream({ name: `${kind} ${i + 1}`, token, urlOf, kind })),
  ]
}

/** What the followers were told, against the log as the database holds it. Waits until they had time to hear the end of it. */
export async function judge(
  followers: readonly Follower[],
  { database, withinMs = 20_000 }: { database: Database; withinMs?: number },
): Promise<{ rows: Record<string, Record<string, number>>; wrong: string[] }> {
  const expected = await wholeLog(database)
  const end = expected.at(-1)?.position ?? 0
  const givenUp = performance.now() + withinMs
  while (followers.some(({ cursor }) => cursor() < end) && performance.now() < givenUp) await wait(50)
  await Promise.all(followers.map(({ stop }) => stop()))
  const wrong: string[] = []
  const rows: Record<string, Record<string, number>> = {}
  for (const { name, told, counts, wrong: own } of followers) {
    const missed = expected.filter(({ id, position }) => told.get(Number(position)) !== id)
    rows[name] = { events: expected.length, told: told.size, missed: missed.length, ...counts }
    wrong.push(...own)
    if (missed.length > 0) wrong.push(`${name} missed ${missed.length}, the first at ${missed[0]?.position} (${missed[0]?.type})`)
    if (told.size !== expected.length) wrong.push(`${name} was told ${told.size} positions of ${expected.length}`)
  }
  return { rows, wrong }
}

async function wholeLog({ reader }: Database) {
  for (let tries = 0; tries < 200; tries++) {
    const waiting = await reader.selectFrom('event_queue').select('event_id').limit(1).execute()
    if (waiting.length === 0) break
    await wait(50)
  }
  return reader.selectFrom('events').select(['id', 'position', 'type']).orderBy('position').execute()
}

function empty(name: string) {
  const counts = { returns: 0, repeats: 0 }
  return { name, told: new Map<number, string>(), seenAt: new Map<string, number>(), counts, wrong: [] as string[] }
}

function take({ name, told, seenAt, counts, wrong }: ReturnType<typeof empty>, event: Json): void {
  const [position, id] = [Number(event.position), String(event.id)]
  const known = told.get(position)
  if (known === undefined) {
    told.set(position, id)
    const { type, subject } = event
    // Both doors show what an event is about.
    if (type === 'ticket.created' || type === 'message.created') seenAt.set(String((subject as Json).id), performance.now())
  } else if (known === id) counts.repeats++
  else wrong.push(`${name} was told two events at ${position}`)
}
