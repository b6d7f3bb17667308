// A Beckon that tells how long its loop was held up and how much memory it has: at MEASURE_PORT, to this machine alone.
import { createServer } from 'node:http'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { openHouse } from '../../../src/cli/house.ts'
import { stopOnSignal } from '../../../src/cli/stop.ts'
import { loadConfig } from '../../../src/config.ts'
import { createLog } from '../../../src/platform/log.ts'
import type { Measured } from './measured.ts'

const RESOLUTION_MS = 2

const config = loadConfig({ env: process.env })
const log = createLog({ level: config.logLevel, format: config.logFormat })
const app = await openHouse({ config, log, patienceSeconds: 15 })
const stopped = stopOnSignal({ log, seconds: config.shutdownSeconds, close: () => app.close() })
await app.server.listen({ host: config.host, port: config.port })

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()
let collected = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collected = Math.max(collected, duration)
}).observe({ entryTypes: ['gc'] })
const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
const measure = createServer((request, response) => {
  if (request.url === '/memory') globalThis.gc?.()
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const lag = { p99: ms(delay.percentile(99)), max: ms(delay.max), collection: collected }
  const answer: Measured = { lag, rss, heapUsed, external, arrayBuffers, cpuMs: (user + system) / 1000 }
  if (request.url === '/lag') {
    delay.reset()
    collected = 0
  }
  response.end(JSON.stringify(answer))
})
measure.listen(Number(process.env.MEASURE_PORT), '127.0.0.1')
await stopped
process.exit(0)
