// Three hundred readers that read nothing among fifty that do, while a hundred messages of 2 KB a second are written.
import { setTimeout as wait } from 'node:timers/promises'
import { percentile } from '../node.ts'
import { openCrowd } from './crowd.ts'
import { all, atMost, type Scene, say, told } from './figure.ts'
import { prepare } from './listening.ts'
import { openDesk } from './measured.ts'
import { type Paced, p99Of, pace } from './pace.ts'

const DEAF = 300
const READERS = 50
const TICKETS = 10
const PER_SECOND = 100
const BYTES = 2048
const MIB = 1024 * 1024

export const unread: Scene = async ({ engine, redis, minutes }) => {
  const desk = await openDesk({ engine, redis })
  const crowd = openCrowd()
  try {
    const ground = await prepare(desk, { tickets: TICKETS })
    const seconds = Math.round(60 * Math.min(1, minutes))
    const options = { ground, url: desk.nodes[0]?.url ?? '', listeners: READERS, perSecond: PER_SECOND, seconds, bytes: BYTES }
    await pace({ ...options, seconds: Math.min(5, seconds) })
    const alone = await watched(desk, () => pace(options))
    say(`${engine}: without them p99 is ${p99Of(alone.value).toFixed(1)} ms`)
    await crowd.open({
      ...{ count: DEAF, kinds: ['event stream', 'web socket'], url: options.url, topics: ['all'], raw: true, deaf: true },
      ...{ tokens: ground.agents.map(({ token }) => token), addresses: ['127.0.0.2'] },
    })
    const { count } = await crowd.ready(30_000)
    const beside = await watched(desk, () => pace(options))
    const bugs = await desk.close()
    return [
      all('readers that do not read', count, DEAF),
      atMost('memory grows by', (beside.most - beside.before) / MIB, { limit: 150, unit: 'MiB' }),
      told('without them by', `${Math.round((alone.most - alone.before) / MIB)} MiB`),
      all('others missed', alone.value.missed + alone.value.failed + beside.value.missed + beside.value.failed, 0),
      told("others' p99 without them", `${p99Of(alone.value).toFixed(1)} ms`),
      atMost("others' p99", p99Of(beside.value), { limit: Math.max(2 * p99Of(alone.value), 1), unit: 'ms' }),
      told("others' p99 by seconds, without them", p99BySecond(alone.value)),
      told("others' p99 by seconds", p99BySecond(beside.value)),
      told('the node used of a core', `${alone.cpuPercent} % without them, ${beside.cpuPercent} % with them`),
      all('bugs in the log', bugs.length, 0),
    ]
  } finally {
    crowd.close()
  }
}

function p99BySecond({ bySecond }: Paced): string {
  return bySecond.map((latencies) => Math.round(percentile(latencies, 0.99))).join(' ')
}

/** Runs something, and sees how much memory the node had before and at the most. */
async function watched<T>(desk: Awaited<ReturnType<typeof openDesk>>, work: () => Promise<T>) {
  const { rss: before, cpuMs } = await desk.memory()
  const began = performance.now()
  let most = before
  let isOver = false
  const running = work().finally(() => {
    isOver = true
  })
  while (!isOver) {
    most = Math.max(most, (await desk.glance()).rss)
    await Promise.race([running, wait(500)])
  }
  const used = (await desk.glance()).cpuMs - cpuMs
  return { value: await running, before, most, cpuPercent: Math.round((100 * used) / (performance.now() - began)) }
}
