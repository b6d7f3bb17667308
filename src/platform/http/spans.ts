import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Tracing } from '../tracing/tracing.ts'

/** Begins the span of a request of the API; health checks and pages have none. Of path, query and body nothing is told: they may hold secrets. */
export function beginSpan(tracing: Tracing, request: FastifyRequest): void {
  const { method, headers, id, routeOptions } = request
  const route = routeOptions.url
  if (!(route ?? request.url).startsWith('/v1/')) return
  const parent = typeof headers.traceparent === 'string' ? headers.traceparent : null
  const attributes = { 'http.request.method': method, ...(route ? { 'http.route': route } : {}), 'beckon.request.id': id }
  // What no route takes has any path that somebody thinks of.
  request.span = tracing.open({ name: route ? `${method} ${route}` : method, kind: 'server', parent, attributes })
  request.trace_id = request.span.trace_id
}

/** Ends it with the answer; that of a stream has ended with its beginning, lest it lasts for days. */
export function endSpan({ span }: FastifyRequest, { statusCode }: FastifyReply): void {
  if (!span) return
  span.set({ 'http.response.status_code': statusCode })
  if (statusCode >= 500) span.fail(String(statusCode))
  span.end()
}
