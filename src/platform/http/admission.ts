import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../actor.ts'
import { requireAccess } from './access.ts'
import { networkOf } from './network.ts'
import { RouteNotFound, Unauthenticated } from './problems.ts'
import type { Limiter } from './rate-limit.ts'
import type { Route } from './route.ts'

/** Who is let in, and how often. */
export interface Gate {
  limiter: Limiter
  /** Who sends this credential; throws 401. */
  authenticate(bearer: string): Promise<Actor>
  /** Who made this realtime token, which is spent by it; throws 401. */
  spendToken(token: string): Promise<Actor>
}

/** Authenticates, counts, and checks the role, before a byte of the body is read. */
export async function admit(gate: Gate, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const operation = request.routeOptions.config.operation
  // Credentials that were refused count by the place they came from, and too many are not even looked at.
  const place = networkOf(request.ip)
  await gate.limiter.check(`refused ${place}`)
  let refusal: unknown
  if (operation && operation.access !== 'open') {
    try {
      request.actor = await identify(gate, operation, request)
    } catch (error) {
      refusal = error
      await gate.limiter.take(`refused ${place}`)
    }
  }
  const window = await gate.limiter.take(request.actor?.id ?? place)
  if (window.resetSeconds > 0) {
    reply.header('RateLimit-Policy', gate.limiter.policy)
    reply.header('RateLimit', `"default";r=${window.remaining};t=${window.resetSeconds}`)
  }
  // The router takes `/v1/tickets/` for a ticket without a name.
  if (Object.values(request.params as Record<string, unknown>).includes('')) throw RouteNotFound()
  if (refusal) throw refusal
  if (operation && operation.access !== 'open' && request.actor) requireAccess(operation.access, request.actor)
}

/** Who sends a request. A header that is there is the credential, whatever the query says. */
function identify(gate: Gate, operation: Route, { headers, query }: FastifyRequest): Promise<Actor> {
  const { token } = query as { token?: unknown }
  if (operation.takesToken && headers.authorization === undefined && typeof token === 'string') return gate.spendToken(token)
  return gate.authenticate(bearerOf(headers.authorization))
}

function bearerOf(header: string | undefined): string {
  const [, token] = /^Bearer +([\x21-\x7e]+) *$/i.exec(header ?? '') ?? []
  if (!token) throw Unauthenticated({ headers: { 'WWW-Authenticate': 'Bearer' } })
  return token
}
