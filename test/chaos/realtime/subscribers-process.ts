// Those who listen to the storm, in a process of their own. Started by storm.ts, which tells it what to do.
import { setTimeout as wait } from 'node:timers/promises'
import { createChance } from '../../moving/chance.ts'
import { judge, type Verdict } from './judge.ts'
import { askOver } from './measured.ts'
import { createSubscriber, type Subscriber } from './subscriber.ts'
import type { Subscription } from './subscriptions.ts'
import { everybody, type World } from './world.ts'

export type StormOrder =
  | { do: 'listen'; world: World; urls: string[]; subscriptions: Subscription[]; seed: number }
  /** Cuts lines at random from here on, and sends what passes by. */
  | { do: 'shake' }
  | { do: 'calm' }
  /** Resolves when everybody was told everything up to there, or after some time. */
  | { do: 'reach'; position: number; withinMs: number }
  | { do: 'judge'; world: World }

export interface StormAnswer {
  listening?: number
  /** How many know that they were told everything. */
  reached?: number
  verdict?: Verdict
  totals: Totals
}

export interface Totals {
  connections: number
  cuts: number
  repeats: number
  resets: number
  passing: number
  told: number
  closed: number
  ends: Record<string, number>
}

const OPENING_AT_ONCE = 10
const PAUSE_MS = 50
const PATIENCE_MS = 15_000

let subscribers: Subscriber[] = []
let urls: string[] = []
let chance = createChance(1)
let isShaking = false
let cuts = 0
const ask = askOver(() => chance.one(urls))

async function obey(order: StormOrder): Promise<Partial<StormAnswer>> {
  switch (order.do) {
    case 'listen':
      chance = createChance(order.seed)
      urls = order.urls
      subscribers = listenersOf(order.world, order.subscriptions)
      await startAll()
      return { listening: subscribers.length }
    case 'shake':
      isShaking = true
      shake().catch(fail)
      return {}
    case 'calm':
      isShaking = false
      return {}
    case 'reach': {
      const hasReached = ({ heard }: Subscriber): boolean => heard.over !== undefined || heard.cursor >= order.position
      for (const end = performance.now() + order.withinMs; !subscribers.every(hasReached) && performance.now() < end; )
        await wait(PAUSE_MS)
      return { reached: subscribers.filter(hasReached).length }
    }
    case 'judge':
      return { verdict: await judge({ world: order.world, ask, subscribers, patienceMs: PATIENCE_MS }) }
  }
}

function listenersOf(world: World, subscriptions: readonly Subscription[]): Subscriber[] {
  const people = new Map(everybody(world).map((person) => [person.id, person]))
  return subscriptions.map(({ person_id, kind, topics }) => {
    const person = people.get(person_id)
    if (!person) throw new Error(`there is no ${person_id}`)
    const pauseMs = (tries: number): number => (100 + chance.below(200)) * Math.min(tries, 8)
    return createSubscriber({ person, kind, topics, ask, urlOf: () => chance.one(urls), pauseMs })
  })
}

async function startAll(): Promise<void> {
  const queue = [...subscribers]
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await next.start()
  }
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, worker))
}

async function shake(): Promise<void> {
  const sockets = subscribers.filter(
    ({ kind, topics }) => kind === 'web socket' && topics.some((topic) => topic.startsWith('ticket:')),
  )
  for (let n = 0; isShaking; n++) {
    await wait(PAUSE_MS)
    // Now and then many at once.
    const victims = n % 200 === 199 ? chance.some(subscribers, 40) : chance.some(subscribers, 1)
    for (const victim of victims) victim.cut()
    cuts += victims.length
    if (sockets.length > 0) speak(chance.one(sockets), n)
  }
}

/** Writes, looks and reads over the line. */
function speak(speaker: Subscriber, n: number): void {
  const ticket = speaker.topics.find((topic) => topic.startsWith('ticket:'))?.slice(7) ?? ''
  const isStaff = speaker.person.role !== 'requester'
  const visibility = isStaff && chance.happens(60) ? 'internal' : 'public'
  speaker.pass({ type: 'typing', ticket, visibility, active: chance.happens(80) })
  if (chance.happens(30)) speaker.pass({ type: 'presence', ticket, active: chance.happens(80) })
  if (chance.happens(30)) speaker.pass({ type: 'read', ticket })
  // Of a sender who is cut off before his answer only the client_id makes one message out of two.
  if (chance.happens(5)) speaker.say(ticket, `said over the line, ${n} ${chance.below(1e9)}`)
}

function totals(): Totals {
  const sum = (of: (one: Subscriber) => number): number => subscribers.reduce((total, one) => total + of(one), 0)
  const ends: Record<string, number> = {}
  for (const { heard } of subscribers) for (const [why, times] of heard.ends) ends[why] = (ends[why] ?? 0) + times
  return {
    connections: sum(({ heard }) => heard.counts.connections),
    cuts,
    repeats: sum(({ heard }) => heard.counts.repeats),
    resets: sum(({ heard }) => heard.counts.resets),
    passing: sum(({ heard }) => heard.counts.passing),
    told: sum(({ heard }) => heard.positions.length),
    closed: subscribers.filter(({ heard }) => heard.closed.size > 0).length,
    ends,
  }
}

function fail(error: unknown): void {
  console.error(error)
  process.exit(1)
}

process.on('message', (order: StormOrder) => {
  obey(order).then((answer) => process.send?.({ ...answer, totals: totals() } satisfies StormAnswer), fail)
})
process.on('disconnect', () => process.exit(0))
