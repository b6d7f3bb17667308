import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../platform/log.ts'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
// `npm start` passes Ctrl+C on to a process that the terminal has told already: that is one signal, not two.
const SAME_SIGNAL_MS = 1000

/**
 * Resolves when a signal came and `close` has finished what was running. SIGTERM comes from what sends requests elsewhere: `retire`
 * is called first, and load balancers have `drainSeconds` to notice. A second signal, or `seconds` of closing without an end, cut
 * off what is left: the process ends at once with code 1.
 */
export function stopOnSignal({
  log,
  seconds,
  drainSeconds = 0,
  retire = () => {},
  close,
}: {
  log: Logger
  seconds: number
  drainSeconds?: number
  retire?: () => void
  close: () => Promise<void>
}): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let stoppingSince: number | undefined
  const stop = async (drainsFor: number): Promise<void> => {
    retire()
    if (drainsFor > 0) await wait(drainsFor * 1000)
    const timer = setTimeout(() => {
      log.error({ seconds }, 'not everything ended in time: the rest is cut off')
      process.exit(1)
    }, seconds * 1000)
    try {
      await close()
    } finally {
      clearTimeout(timer)
    }
    log.info('stopped')
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < SAME_SIGNAL_MS) return
      log.warn({ signal }, 'told to stop a second time: what still ran is cut off')
      process.exit(1)
    }
    stoppingSince = performance.now()
    log.info({ signal }, 'stopping: what has begun is finished first')
    stop(signal === 'SIGTERM' ? drainSeconds : 0).then(resolve, reject)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return promise
}
