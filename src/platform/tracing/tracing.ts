import type { Logger } from '../log.ts'
import { Problem } from '../problems.ts'

type Attributes = Readonly<Record<string, string | number | boolean>>

/** What a span is called, what it is part of, and what is known of it from the beginning. */
export interface SpanFacts {
  /** Of few kinds: a template, never an id. */
  name: string
  kind: 'server' | 'consumer' | 'client' | 'internal'
  /** What it goes on from, as a W3C `traceparent`; a new trace begins where there is none. */
  parent?: string | OpenSpan | null
  attributes?: Attributes
}

/** One stretch of work within a trace. */
export interface OpenSpan {
  readonly trace_id: string
  /** How others go on from it (W3C Trace Context); null where the trace is not recorded. */
  readonly traceparent: string | null
  set(attributes: Attributes): void
  /** Something that happened within it. */
  note(name: string, attributes?: Attributes): void
  fail(error: unknown): void
  /** Twice is the same as once. */
  end(): void
}

/** Where traces go. Who has none, has `undefined` instead of it, and does nothing. */
export interface Tracing {
  open(facts: SpanFacts): OpenSpan
  /** The span that the present work is within. */
  current(): OpenSpan | undefined
  /** Runs work within a span. */
  within<T>(span: OpenSpan, work: () => T): T
  /** Sends what was not sent, for a few seconds at the most. */
  close(): Promise<void>
}

export interface TracingSettings {
  /** Where a collector takes OTLP over HTTP; `/v1/traces` is put behind it. */
  otlpEndpoint: string | undefined
  otlpHeaders: Readonly<Record<string, string>> | undefined
  /** How many traces of a hundred are recorded. */
  tracePercent: number
  serviceName: string
}

/** Sends traces where the settings name a collector. Nothing of OpenTelemetry is loaded where they name none. */
export async function openTracing(
  settings: TracingSettings,
  { version, log }: { version: string; log: Logger },
): Promise<Tracing | undefined> {
  const { otlpEndpoint: endpoint } = settings
  if (endpoint === undefined) return undefined
  const { openOpenTelemetry } = await import('./opentelemetry.ts')
  return openOpenTelemetry({ ...settings, endpoint, version, log })
}

/** Runs work as a span of its own; without tracing it only runs it. */
export async function traced<T>(
  tracing: Tracing | undefined,
  facts: SpanFacts,
  work: (span?: OpenSpan) => Promise<T>,
): Promise<T> {
  if (!tracing) return work()
  const span = tracing.open(facts)
  try {
    return await tracing.within(span, () => work(span))
  } catch (error) {
    // A problem of the caller's is an answer, and no failure of ours.
    if (error instanceof Problem && error.statusCode < 500) span.set({ 'beckon.problem': error.code })
    else span.fail(error)
    throw error
  } finally {
    span.end()
  }
}
