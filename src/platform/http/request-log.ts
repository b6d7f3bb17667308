import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../log.ts'
import { DatabaseAway, DatabaseFull, type Problem } from '../problems.ts'
import { Overloaded, ShuttingDown } from './problems.ts'

/** Why a request failed: what the caller was told, and what was thrown. */
export interface Failure {
  problem: Problem
  error: unknown
}

const SAMPLE_MS = 60_000
/** What says nothing of Beckon itself: the reason is enough, without a stack. */
const OUTSIDE = new Set([DatabaseAway, DatabaseFull])
/** What is meant to happen. */
const MEANT = new Set([ShuttingDown, Overloaded])

/**
 * Writes one line for each request when it has been answered. What probes ask again and again is told when the answer changes, and else
 * once a minute with the number of those in between. A request that took `slowMs` or more is a warning; 0 for none.
 */
export function createRequestLog({ log, slowMs }: { log: Logger; slowMs: number }) {
  const isSampledOut = createSample()
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const { failure, routeOptions } = request
    const { operation } = routeOptions.config
    const status = reply.statusCode
    const isProbe = operation?.isProbe === true
    const repeated = isProbe ? isSampledOut(operation.path, status) : 0
    if (repeated === true) return
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const isSlow = slowMs > 0 && ms >= slowMs && !takesItsTime(request)
    const facts = {
      request_id: request.id,
      method: request.method,
      route: routeOptions.url ?? null,
      status,
      ms,
      actor_id: request.actor?.id ?? null,
      ...(request.trace_id ? { trace_id: request.trace_id } : {}),
      ...(failure ? { code: failure.problem.code } : {}),
      ...(repeated > 0 ? { repeated } : {}),
    }
    if (status < 500) log[isSlow ? 'warn' : 'info'](facts, isSlow ? 'slow request' : 'request')
    else if (failure && MEANT.has(failure.problem.definition)) log.debug(facts, 'request')
    else log.error({ ...facts, params: request.params, ...causeOf(failure) }, 'request failed')
  }
}

/** How fast a file comes or goes is the network's business. */
function takesItsTime({ routeOptions }: FastifyRequest): boolean {
  const { operation } = routeOptions.config
  return operation?.upload !== undefined || operation?.rawBody !== undefined || operation?.content !== undefined
}

function causeOf(failure: Failure | null): Record<string, unknown> {
  if (!failure) return {}
  const { problem, error } = failure
  if (!OUTSIDE.has(problem.definition)) return { err: error }
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return { reason: cause instanceof Error ? cause.message : String(cause) }
}

/** Answers true for what need not be told, else how many were not told since the last line. */
function createSample(): (path: string, status: number) => number | true {
  const told = new Map<string, { status: number; at: number; untold: number }>()
  return (path, status) => {
    const last = told.get(path)
    const now = performance.now()
    if (last?.status === status && now - last.at < SAMPLE_MS) {
      last.untold++
      return true
    }
    told.set(path, { status, at: now, untold: 0 })
    return last?.untold ?? 0
  }
}
