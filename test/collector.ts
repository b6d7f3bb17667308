import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

/** A span as it went over the wire. */
export interface SentSpan {
  name: string
  kind: number
  traceId: string
  spanId: string
  parentSpanId: string
  attributes: Record<string, unknown>
  events: string[]
  isError: boolean
  service: string
}

/** What takes traces in the place of an OpenTelemetry collector. */
export interface Collector {
  url: string
  spans: SentSpan[]
  /** The headers of what came last. */
  headers: Record<string, unknown>
  /** Resolves with the spans once one that fits is among them. */
  until(fits: (span: SentSpan) => boolean): Promise<SentSpan[]>
}

type Pairs = { key: string; value: Record<string, unknown> }[]
interface Sent {
  resourceSpans: {
    resource: { attributes: Pairs }
    scopeSpans: {
      spans: (Omit<SentSpan, 'attributes' | 'events'> & {
        attributes: Pairs
        events: { name: string }[]
        status?: { code?: number }
      })[]
    }[]
  }[]
}

/** Opens a collector on loopback, which takes OTLP over HTTP as JSON; closed with the test. */
export async function openCollector(t: Pick<TestContext, 'after'>): Promise<Collector> {
  const waiting = new Set<() => void>()
  const collector: Collector = {
    url: '',
    spans: [],
    headers: {},
    until: async (fits) => {
      while (!collector.spans.some(fits)) {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.add(resolve)
        await promise
      }
      return collector.spans
    },
  }
  const server = createServer(async (request, response) => {
    if (request.url !== '/v1/traces') return void response.writeHead(404).end()
    collector.headers = request.headers
    // What the exporter sends has the shape of OTLP.
    const { resourceSpans } = (await json(request)) as Sent
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans)
        for (const span of spans) {
          const { attributes, events, status, ...plain } = span
          collector.spans.push({
            ...plain,
            parentSpanId: plain.parentSpanId ?? '',
            attributes: toObject(attributes),
            events: events.map(({ name }) => name),
            isError: status?.code === 2,
            service: String(toObject(resource.attributes)['service.name']),
          })
        }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
    for (const resolve of waiting) resolve()
    waiting.clear()
  })
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await listening
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  // It listens on a port, so its address is no path.
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return collector
}

function toObject(pairs: Pairs): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]))
}
