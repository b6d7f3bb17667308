import type { FileStore } from '../../platform/files/file-store.ts'
import type { Chore } from '../../platform/housekeeping.ts'
import type { Ground, Module } from '../../platform/module.ts'
import { absentWorker, type Worker } from '../../platform/worker.ts'
import { createDeliver } from './delivering.ts'
import { inboundGauges } from './gauges.ts'
import { createParser } from './parser.ts'
import { createProcessing, type ProcessingDeps } from './processing.ts'
import { inboundReactions } from './reactions.ts'
import type { Receive } from './receive.ts'
import { createReceive } from './receiving.ts'
import { inboundRoutes } from './routes.ts'
import { mailSweeps } from './sweep.ts'
import './tables.ts'
import { createMailWorker } from './working.ts'

export { replayMail } from './commands/replay-mail.ts'
export type { ParsedMail } from './parsed-mail.ts'
export { findInboundMail, listInboundMails, toExplainedMail, toInboundMail } from './queries.ts'
export type { ArrivingMail, Receive } from './receive.ts'

export type { InboundState } from './tables.ts'

/** How mail is taken in. */
export interface InboundSettings {
  /** How large a mail may be. */
  limitBytes: number
  /** How long its bytes are kept after it came in; 0 for ever. */
  keptDays: number
  mailgunSigningKey: string | undefined
  postmarkSecret: string | undefined
}

/** What inbound mail needs of the rest of the house. */
export interface InboundDeps extends ProcessingDeps {
  /** Where mails are kept as they came. */
  files: FileStore
  settings: InboundSettings
  /** Told after each try. */
  onTried?: () => void
  /** Where other processes work on mails: says to them that there is one. */
  wakeOthers?: (() => void) | undefined
}

/** Mail that came in: kept as it is first, then read, and then done. */
export type Inbound = Module & { receive: Receive; chores: Chore[]; worker: Worker; close(): Promise<void> }

export function createInbound(
  ground: Ground,
  { files, settings, onTried = () => {}, wakeOthers, ...processing }: InboundDeps,
): Inbound {
  const parser = createParser()
  const worker = wakeOthers
    ? absentWorker(wakeOthers)
    : createMailWorker({
        ...ground,
        files,
        parse: parser.parse,
        process: createProcessing(ground, processing),
        onTried,
      })
  const { limitBytes } = settings
  const receive = createReceive(ground, { files, limitBytes, onReceived: worker.wake })
  const deliver = createDeliver({ receive, files, limitBytes })
  return {
    routes: inboundRoutes({ ...ground, ...settings, files, deliver, wake: worker.wake }),
    pages: [],
    gauges: inboundGauges,
    reactions: inboundReactions({ ...ground, files }),
    receive,
    worker,
    chores: mailSweeps({ ...ground, files, keptDays: settings.keptDays }),
    close: async () => {
      await worker.stop()
      await parser.close()
    },
  }
}
