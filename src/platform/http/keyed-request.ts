import type { FastifyRequest } from 'fastify'
import type { Actor } from '../actor.ts'
import { type Fingerprinted, parseIdempotencyKey } from './idempotency.ts'
import type { Route } from './route.ts'

/** What the Idempotency-Key of a request stands for; undefined where there is none, or where it is ignored. */
export function keyedRequest(
  operation: Route,
  request: FastifyRequest,
): { actor: Actor; key: string; fingerprinted: Fingerprinted } | undefined {
  const { actor, method, url, headers } = request
  const header = headers['idempotency-key']
  if (
    !actor ||
    operation.secret ||
    operation.momentary ||
    operation.rawBody ||
    header === undefined ||
    method === 'GET' ||
    method === 'HEAD'
  )
    return undefined
  const key = parseIdempotencyKey(String(header))
  if (key === undefined) return undefined
  return { actor, key, fingerprinted: { method, url, body: request.raw_body, if_match: headers['if-match'] } }
}
