import type { FastifyRequest } from 'fastify'
import type { Database } from '../database/database.ts'
import type { Logger } from '../log.ts'
import { Overloaded } from './problems.ts'
import type { Route } from './route.ts'

const TICK_MS = 50
const REPORT_MS = 1000

/** Refuses what could not be answered in good time, before it costs anything: what is let in is then answered as on a quiet day. */
export interface Shedding {
  /** Throws 503 with Retry-After where too much waits already. To be called before anything is done for a request. */
  admit(request: FastifyRequest): void
  /** Counts a request among those that are worked on. */
  enter(request: FastifyRequest): void
  /** It is answered, or gone. */
  leave(request: FastifyRequest): void
  stop(): void
}

/**
 * New requests are refused while one would have to wait for more than `afterMs` for the process or for the database, or while `atOnce`
 * are worked on; 0 switches either off. Who only reads need not care how long the queue of writers is. Probes are never refused, nor
 * are streams: those who come back to one have lost their node already.
 */
export function createShedding({
  database,
  log,
  afterMs,
  atOnce,
}: {
  database: Pick<Database, 'waits'>
  log: Logger
  afterMs: number
  atOnce: number
}): Shedding {
  const underway = new WeakSet<FastifyRequest>()
  let count = 0
  const refused = new Map<string, number>()

  let tickedAt = performance.now()
  let reportedAt = tickedAt
  const timer = setInterval(() => {
    tickedAt = performance.now()
    if (refused.size === 0 || tickedAt - reportedAt < REPORT_MS) return
    reportedAt = tickedAt
    log.warn({ ...Object.fromEntries(refused), underway: count }, 'more is asked than can be answered: requests were refused')
    refused.clear()
  }, TICK_MS)
  timer.unref()

  /** What a new request would wait for too long; undefined where it need not. */
  const trouble = (isChange: boolean): 'requests_at_once' | 'process' | 'database' | undefined => {
    if (atOnce > 0 && count >= atOnce) return 'requests_at_once'
    if (afterMs === 0) return undefined
    // For so long this turn of the event loop has been at work: who comes now has waited as long.
    if (performance.now() - tickedAt - TICK_MS > afterMs) return 'process'
    const { read_ms, write_ms } = database.waits()
    return (isChange ? Math.max(read_ms, write_ms) : read_ms) > afterMs ? 'database' : undefined
  }

  return {
    admit({ routeOptions, method }) {
      const { operation } = routeOptions.config
      if (operation !== undefined && isExempt(operation)) return
      const reason = trouble(method !== 'GET' && method !== 'HEAD')
      if (reason === undefined) return
      refused.set(reason, (refused.get(reason) ?? 0) + 1)
      // Spread, so that those who are refused together do not come again together.
      throw Overloaded({ headers: { 'Retry-After': String(1 + Math.floor(Math.random() * 3)) } })
    },
    enter(request) {
      const { operation } = request.routeOptions.config
      // A file comes and goes as fast as the network lets it.
      if (operation !== undefined && (isExempt(operation) || operation.upload !== undefined || operation.rawBody !== undefined))
        return
      underway.add(request)
      count++
    },
    leave(request) {
      if (underway.delete(request)) count--
    },
    stop: () => clearInterval(timer),
  }
}

function isExempt({ isProbe, stream, socket }: Route): boolean {
  return isProbe === true || stream !== undefined || socket !== undefined
}
