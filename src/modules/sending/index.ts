import type { Ground, Module } from '../../platform/module.ts'
import { absentWorker } from '../../platform/worker.ts'
import type { PostOffice } from '../mail/index.ts'
import { pruneMails } from './commands/prune-mails.ts'
import type { Compose } from './compose.ts'
import { sendingGauges } from './gauges.ts'
import { sendingReactions } from './reactions.ts'
import { sendingRoutes } from './routes.ts'
import './tables.ts'
import { createSender } from './worker.ts'

const DAY_MS = 86_400_000

export type { Letter } from '../mail/index.ts'
export { cancelMailsById } from './commands/cancel-mail.ts'
export { cancelMails } from './commands/cancel-mails.ts'
export { purgeMails } from './commands/purge-mails.ts'
export { type OwedMail, queueMail } from './commands/queue-mail.ts'
export { type Bounce, reportBounce } from './commands/report-bounce.ts'
export { retryMails } from './commands/retry-mail.ts'
export { suppressAddress } from './commands/suppress-address.ts'
export type { Compose } from './compose.ts'
export { nextAttemptAt, toMessageDelivery, toOutboundMail } from './present.ts'
export { countAutomatic, deliveriesOf, isSuppressed, listMails, type MailDelivery } from './queries.ts'
export { type OutboundMailRow, type OutboundState, outboundStates } from './tables.ts'

/** Mail on its way out: one row for each recipient, tried until it is there or never will be. */
export function createSending(
  ground: Ground,
  parts: {
    postOffice: PostOffice
    /** Who writes the mails of a kind; undefined where nobody does any more. */
    compose: (kind: string) => Compose | undefined
    /** For how many days is kept what became of a mail. */
    retentionDays: number
    /** Told of every try. */
    onTried: () => void
    /** Where other processes send: says to them that there may be mail. */
    wakeOthers?: (() => void) | undefined
  },
): Module & {
  /** Says that there may be mail to send. */
  wake(): void
  /** Resolves when everything that is due has been tried. */
  settle(): Promise<void>
  stop(): Promise<void>
  /** Removes what ended long ago; answers how many. */
  prune(): Promise<number>
} {
  const { clock, transact } = ground
  const sender = parts.wakeOthers ? absentWorker(parts.wakeOthers) : createSender({ ...ground, ...parts })
  return {
    routes: sendingRoutes({ ...ground, wake: sender.wake }),
    pages: [],
    gauges: sendingGauges,
    reactions: sendingReactions(ground),
    ...sender,
    async prune() {
      const before = clock.now() - parts.retentionDays * DAY_MS
      let total = 0
      for (let more = true; more; ) {
        const { pruned, isFull } = await transact((tx) => pruneMails(tx, before))
        total += pruned
        more = isFull
      }
      return total
    },
  }
}
