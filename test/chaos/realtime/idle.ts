// Ten thousand WebSockets that only wait, on one node, and then one event for all of them.
import { setTimeout as wait } from 'node:timers/promises'
import { openCrowd } from './crowd.ts'
import { all, atMost, type Scene, say, told } from './figure.ts'
import { prepare } from './listening.ts'
import { type Measured, openDesk } from './measured.ts'

const SOCKETS = 10_000
const ROUNDS = 5
const LIMIT_KIB = 20

export const idle: Scene = async ({ engine, redis }) => {
  const desk = await openDesk({ engine, redis })
  const crowds = [openCrowd(), openCrowd()]
  try {
    const ground = await prepare(desk, { tickets: 1 })
    const [ticket = ''] = ground.tickets
    // What a running node has anyway does not count: a first stream and a first message load what is loaded lazily.
    const order = {
      ...{ kinds: ['web socket' as const], url: desk.nodes[0]?.url ?? '', tokens: ground.agents.map(({ token }) => token) },
      ...{ topics: ['me', `queue:${ground.queue}`], addresses: ['127.0.0.2', '127.0.0.3'], raw: true, deaf: false },
    }
    const [first] = crowds
    await first?.open({ ...order, count: 20 })
    await ground.post(ticket, 'It burns still.')
    const before = await desk.memory()
    await Promise.all(crowds.map((crowd) => crowd.open({ ...order, count: SOCKETS / crowds.length })))
    const ready = await Promise.all(crowds.map((crowd) => crowd.ready(60_000)))
    const open = ready.reduce((sum, { count }) => sum + count, 0) - 20
    const after = await desk.memory()
    say(`${engine}: ${open} WebSockets are open`)
    const kib = (bytes: number): number => bytes / 1024 / SOCKETS

    const took: number[] = []
    const lags: Measured['lag'][] = []
    let heardAll = 0
    for (let round = 0; round < ROUNDS; round++) {
      const text = `one for all, ${round}`
      const marks = await Promise.all(crowds.map((crowd) => crowd.mark(text, 30_000)))
      // The marks themselves are over.
      await wait(200)
      await desk.lag()
      const at = await ground.post(ticket, text)
      const heard = await Promise.all(marks.map((mark) => mark.heard))
      lags.push(await desk.lag())
      if (heard.reduce((sum, { count }) => sum + count, 0) === SOCKETS + 20) heardAll++
      took.push(Math.max(...heard.map((one) => one.at)) - at)
    }
    // A heartbeat of each is in it.
    await desk.lag()
    await wait(22_000)
    const beating = await desk.lag()
    const bugs = await desk.close()
    return [
      all('sockets that are open', open, SOCKETS),
      atMost('memory of each (RSS)', kib(after.rss - before.rss), { limit: LIMIT_KIB, unit: 'KiB' }),
      told('of it on the heap', `${kib(after.heapUsed - before.heapUsed).toFixed(1)} KiB`),
      told('of it external', `${kib(after.external - before.external).toFixed(1)} KiB`),
      all('events that reached all', heardAll, ROUNDS),
      atMost('the last has it after', Math.max(...took), { limit: 1000, unit: 'ms' }),
      atMost('loop lag of an event for all', Math.max(...lags.map(({ max }) => max)), { limit: 50, unit: 'ms' }),
      told('the longest garbage collection then', `${Math.round(Math.max(...lags.map(({ collection }) => collection)))} ms`),
      told('loop lag of heartbeats', `${Math.round(beating.max)} ms`),
      all('bugs in the log', bugs.length, 0),
    ]
  } finally {
    for (const crowd of crowds) crowd.close()
  }
}
