import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Logger } from '../log.ts'
import type { OpenSpan, Tracing, TracingSettings } from './tracing.ts'

const SENT_EVERY_MS = 1000
const EXPORT_MS = 5000
const CLOSE_MS = 3000

const KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const

/** Sends traces by OTLP over HTTP, as JSON. Sets nothing globally: two desks in one process have two of it. */
export function openOpenTelemetry(
  options: Omit<TracingSettings, 'otlpEndpoint'> & { endpoint: string; version: string; log: Logger },
): Tracing {
  const { endpoint, otlpHeaders, tracePercent, serviceName, version, log } = options
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const headers = otlpHeaders === undefined ? {} : { headers: { ...otlpHeaders } }
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS, ...headers })
  const ratio = new TraceIdRatioBasedSampler(tracePercent / 100)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    // A stranger's `traceparent` gives his trace its number, and may keep it from being recorded, but does not decide that it is.
    sampler: new ParentBasedSampler({ root: ratio, remoteParentSampled: ratio }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(exporter, log),
        scheduledDelayMillis: SENT_EVERY_MS,
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('beckon', version)
  const inside = new AsyncLocalStorage<OpenSpan>()
  const contexts = new WeakMap<OpenSpan, Context>()

  const contextOf = (parent: string | OpenSpan | null | undefined): Context => {
    if (typeof parent === 'object' && parent !== null) return contexts.get(parent) ?? ROOT_CONTEXT
    return typeof parent === 'string' ? remote(parent) : ROOT_CONTEXT
  }
  return {
    open({ name, kind, parent, attributes = {} }) {
      const context = contextOf(parent)
      const raw = tracer.startSpan(name, { kind: KINDS[kind], attributes }, context)
      const span = toOpenSpan(raw)
      contexts.set(span, trace.setSpan(context, raw))
      return span
    },
    current: () => inside.getStore(),
    within: (span, work) => inside.run(span, work),
    close: async () => {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, CLOSE_MS)
      // A collector that is away has been told of already.
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    },
  }
}

/** Where a `traceparent` (W3C Trace Context §3.2) leads; a malformed one leads nowhere. */
function remote(traceparent: string): Context {
  const [, version, traceId = '', spanId = '', flags = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/.exec(traceparent) ?? []
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  if (version === undefined || version === 'ff' || !isSpanContextValid(found)) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, found)
}

function toOpenSpan(raw: Span): OpenSpan {
  const { traceId, spanId, traceFlags } = raw.spanContext()
  const isRecorded = (traceFlags & TraceFlags.SAMPLED) !== 0
  return {
    trace_id: traceId,
    traceparent: isRecorded ? `00-${traceId}-${spanId}-01` : null,
    set: (attributes) => void raw.setAttributes(attributes),
    note: (name, attributes) => void raw.addEvent(name, attributes),
    fail: (error) => {
      // Only the kind of an error: its message may hold what somebody wrote.
      const type = error instanceof Error ? error.name : typeof error
      raw.setAttribute('error.type', type)
      raw.setStatus({ code: SpanStatusCode.ERROR })
    },
    end: () => {
      if (raw.isRecording()) raw.end()
    },
  }
}

/** Tells once that traces do not get through, and once that they do again. */
function telling(exporter: SpanExporter, log: Logger): SpanExporter {
  let isAway = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0
        if (failed && !isAway) log.warn({ err: result.error }, 'traces cannot be sent: they are lost until the collector answers')
        if (!failed && isAway) log.info('traces are sent again')
        isAway = failed
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush ? { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() } : {}),
  }
}
