import type { Bus } from './bus.ts'
import type { Clock } from './clock.ts'
import type { Database } from './database/database.ts'
import type { Reaction } from './events.ts'
import type { Cursors } from './http/cursor.ts'
import type { Page } from './http/page.ts'
import type { Route } from './http/route.ts'
import type { JobKind } from './job.ts'
import type { Logger } from './log.ts'
import type { Renderer } from './markdown/renderer.ts'
import type { GaugeDefinition } from './metrics/gauge.ts'
import type { Secrets } from './secrets.ts'
import type { TimerKind } from './timers.ts'
import type { Tracing } from './tracing/tracing.ts'
import type { Transact } from './transaction.ts'

/** What the platform gives to every module. */
export interface Ground {
  database: Database
  clock: Clock
  log: Logger
  secrets: Secrets
  cursors: Cursors
  renderer: Renderer
  /** Says to other nodes what has just happened; may lose anything. */
  bus: Bus
  /** Opens a transaction for work that no request asked for. */
  transact: Transact
  /** Where traces go; undefined where nobody collects them. */
  tracing?: Tracing | undefined
}

/** What a module gives to the house. */
export interface Module {
  routes: Route[]
  pages: Page[]
  reactions: Reaction[]
  timers?: TimerKind[]
  jobs?: JobKind[]
  /** What is measured of it when somebody asks for the metrics. */
  gauges?: readonly GaugeDefinition[]
}
