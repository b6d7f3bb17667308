import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { send } from './chaos/node.ts'
import { actOnce } from './chaos/realtime/acts.ts'
import { judge } from './chaos/realtime/judge.ts'
import { createSubscriber } from './chaos/realtime/subscriber.ts'
import { chooseSubscriptions } from './chaos/realtime/subscriptions.ts'
import { type Ask, createWorld, everybody, type Hire } from './chaos/realtime/world.ts'
import { openDesk } from './desk.ts'
import { createChance } from './moving/chance.ts'

// A small storm; `npm run chaos:realtime` is the big one, which also kills nodes and Redis.
const SUBSCRIBERS = 24
const ROUNDS = 50
const SIZE = { admins: 2, agents: 4, requesters: 4, tickets: 3 }
const MOST_TICKETS = 24
const PATIENCE_MS = 10_000

test('whoever is cut off again and again is told exactly what he may see, in order, and holds what he would read', async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
  t.diagnostic(`SEED=${seed}`)
  const chance = createChance(seed)
  const desk = await openDesk(t)
  await desk.app.server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = desk.app.server.server.address() as AddressInfo // it listens on TCP
  const url = `http://127.0.0.1:${port}`
  const ask: Ask = (who, method, path, body) => send(url, { method, path, token: who.token, ...(body ? { body } : {}) })
  const hire: Hire = (role, name) => desk.person({ role, name })
  const world = await createWorld(ask, { hire, size: SIZE })
  const people = new Map(everybody(world).map((person) => [person.id, person]))
  const subscribers = chooseSubscriptions(world, { count: SUBSCRIBERS, chance }).map(({ person_id, kind, topics }) => {
    const person = people.get(person_id)
    assert.ok(person)
    return createSubscriber({ person, kind, topics, ask, urlOf: () => url, pauseMs: (tries) => (tries > 1 ? 20 : 0) })
  })
  t.after(() => {
    for (const subscriber of subscribers) subscriber.stop()
  })
  await Promise.all(subscribers.map((subscriber) => subscriber.start()))

  const writers = everybody(world)
  const speakers = subscribers.filter(({ kind, topics }) => kind === 'web socket' && topics[0]?.startsWith('ticket:'))
  const unexpected: string[] = []
  let done = 0
  for (let round = 0; round < ROUNDS; round++) {
    const acts = Array.from({ length: 6 }, () => actOnce({ world, ask, chance, most: MOST_TICKETS }, chance.one(writers)))
    for (const answer of await Promise.all(acts))
      if (answer && answer.status < 300) done++
      else if (answer && answer.status >= 500) unexpected.push(`${answer.status} ${answer.body.code}`)
    for (const speaker of chance.some(speakers, 5)) speaker.say(speaker.topics[0]?.slice(7) ?? '', `said in round ${round}`)
    for (const subscriber of chance.some(subscribers, 8)) subscriber.cut()
    desk.clock.advance(10)
  }
  await desk.settle()
  const { findings, counts } = await judge({ world, ask, subscribers, patienceMs: PATIENCE_MS })

  assert.deepEqual(findings, [])
  assert.deepEqual(unexpected, [])
  const cuts = subscribers.reduce((sum, { heard }) => sum + heard.counts.connections - 1, 0)
  t.diagnostic(`${done} writes, ${cuts} times back on line; compared: ${JSON.stringify(counts)}`)
  // A calm day proves nothing.
  assert.ok(done > 80 && cuts > 20 && counts.events > 200 && counts.messages > 0, JSON.stringify({ done, cuts, counts }))
})
