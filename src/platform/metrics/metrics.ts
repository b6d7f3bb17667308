import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Reader } from '../database/schema.ts'
import type { GaugeDefinition, GaugeValue } from './gauge.ts'

// Whoever asks more often than that gets what was read before: the database is asked once for all.
const KEPT_MS = 10_000

/** What a process counts, and how Prometheus reads it (text format 0.0.4). */
export interface Metrics {
  /** A request was answered; `route` is the template of its path, null where there is none. */
  request(answered: { method: string; route: string | null; status: number; seconds: number; isStream: boolean }): void
  /** A problem was answered. */
  problem(code: string): void
  /** Somebody tried to sign in. */
  signIn(result: 'ok' | 'refused'): void
  /** A transaction ended, after so long. */
  transaction(seconds: number): void
  /** A transaction was run again, because of a lock, a deadlock or a busy database. */
  retry(): void
  /** A delivery, a timer or a mail was tried. */
  tried(what: 'delivery' | 'timer', result: 'ok' | 'failed' | 'dead'): void
  /** Adds what is read from the database when somebody asks. */
  measure(gauges: readonly GaugeDefinition[]): void
  /** Adds what this process knows by itself. */
  know(gauges: readonly OwnGauge[]): void
  /** The text of a scrape and its Content-Type. */
  read(): Promise<{ type: string; body: string }>
}

/** Something that this process knows without asking the database. */
export interface OwnGauge {
  name: string
  help: string
  value(): number
}

/** Sets up what is counted. Gauges are read from `db` when somebody asks, as of `now`, epoch milliseconds. */
export function createMetrics({ db, now }: { db: Reader; now: () => number }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'beckon_http_requests_total',
    help: 'Requests that were answered, by the template of their path.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const seconds = new Histogram({
    name: 'beckon_http_request_seconds',
    help: 'How long an answer took, streams left out.',
    labelNames: ['method', 'route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  })
  const problems = new Counter({
    name: 'beckon_problems_total',
    help: 'Problems that were answered, by their code.',
    labelNames: ['code'],
    registers,
  })
  const signIns = new Counter({
    name: 'beckon_sign_ins_total',
    help: 'Tries to sign in with a password.',
    labelNames: ['result'],
    registers,
  })
  const transactions = new Histogram({
    name: 'beckon_transaction_seconds',
    help: 'How long a transaction took, from its turn in the queue until its commit was durable.',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers,
  })
  const retries = new Counter({
    name: 'beckon_transaction_retries_total',
    help: 'Transactions that were run again, because of a lock, a deadlock or a busy database.',
    registers,
  })
  const tries = new Counter({
    name: 'beckon_tries_total',
    help: 'Tries of what is owed in the background.',
    labelNames: ['what', 'result'],
    registers,
  })
  const readings: { definition: GaugeDefinition; gauge: Gauge }[] = []
  const failures = new Counter({
    name: 'beckon_metrics_failures_total',
    help: 'Gauges that the database could not answer.',
    registers,
  })
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let isComplete = false

  const readGauges = async (): Promise<void> => {
    const moment = now()
    for (const { definition, gauge } of readings) {
      const values: GaugeValue[] | undefined = await definition.read(db, moment).catch(() => undefined)
      // What is not known is left out: an old figure would look like a fresh one.
      gauge.reset()
      if (values === undefined) failures.inc()
      else for (const { labels, value } of values) gauge.set(labels, value)
    }
    readAt = performance.now()
  }

  return {
    request({ method, route, status, seconds: took, isStream }) {
      const path = route ?? 'none'
      requests.inc({ method, route: path, status: String(status) })
      if (!isStream) seconds.observe({ method, route: path }, took)
    },
    problem: (code) => problems.inc({ code }),
    signIn: (result) => signIns.inc({ result }),
    transaction: (took) => transactions.observe(took),
    retry: () => retries.inc(),
    tried: (what, result) => tries.inc({ what, result }),
    measure(gauges) {
      for (const definition of gauges) {
        const { name, help, labels } = definition
        readings.push({ definition, gauge: new Gauge({ name, help, labelNames: [...labels], registers }) })
      }
    },
    know(gauges) {
      for (const { name, help, value } of gauges) {
        const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(value()) })
      }
    },
    async read() {
      // With the first that asks: observing the loop and the garbage collection costs something.
      if (!isComplete) collectDefaultMetrics({ register: registry })
      isComplete = true
      if (performance.now() - readAt > KEPT_MS)
        reading ??= readGauges().finally(() => {
          reading = undefined
        })
      await reading
      return { type: registry.contentType, body: await registry.metrics() }
    },
  }
}
