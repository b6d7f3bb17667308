// From the answer to the author until the event is with those who listen, at two hundred messages a second.
import { all, atMost, type Figure, type Scene, say, told } from './figure.ts'
import { prepare } from './listening.ts'
import { openDesk } from './measured.ts'
import { p50Of, p99Of, pace } from './pace.ts'

const PER_SECOND = 200
const SECONDS = 30
const TICKETS = 20
const LISTENERS = 60

export const latency: Scene = async ({ engine }) => {
  const figures = await run(engine, { name: 'one node', nodes: 1, redis: false, p50: 10, p99: 50 })
  if (engine === 'sqlite') return figures
  return [
    ...figures,
    ...(await run(engine, { name: 'two nodes with Redis', nodes: 2, redis: true, p99: 100 })),
    ...(await run(engine, { name: 'two nodes without Redis', nodes: 2, redis: false, p99: 400 })),
  ]
}

interface Setting {
  name: string
  nodes: number
  redis: boolean
  p50?: number
  p99: number
}

async function run(engine: string, { name, nodes, redis, p50, p99 }: Setting): Promise<Figure[]> {
  const desk = await openDesk({ engine, nodes, redis })
  const ground = await prepare(desk, { tickets: TICKETS })
  // They write at the first node and listen at the last.
  const options = { ground, url: desk.nodes.at(-1)?.url ?? '', listeners: LISTENERS, perSecond: PER_SECOND, bytes: 100 }
  await pace({ ...options, seconds: 3 })
  const paced = await pace({ ...options, seconds: SECONDS })
  say(`${engine}, ${name}: ${paced.latencies.length} were heard`)
  const lag = await desk.lag()
  const bugs = await desk.close()
  return [
    told(`${name}: messages a second`, Math.round(paced.sent / paced.seconds)),
    all(`${name}: not taken or not heard`, paced.failed + paced.missed, 0),
    p50 === undefined
      ? told(`${name}: p50`, `${p50Of(paced).toFixed(1)} ms`)
      : atMost(`${name}: p50`, p50Of(paced), { limit: p50, unit: 'ms' }),
    atMost(`${name}: p99`, p99Of(paced), { limit: p99, unit: 'ms' }),
    told(`${name}: loop lag of the first node`, `${Math.round(lag.max)} ms`),
    all(`${name}: bugs in the log`, bugs.length, 0),
  ]
}
