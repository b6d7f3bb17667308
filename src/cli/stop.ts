import type { Logger } from '../platform/log.ts'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
// `npm start` passes Ctrl+C on to a process that the terminal has told already: that is one signal, not two.
const SAME_SIGNAL_MS = 1000

/**
 * Resolves when a signal came and `close` has finished what was running. A second signal, or `seconds` without an end, cut
 * off what is left: the process ends at once with code 1.
 */
export function stopOnSignal({
  log,
  seconds,
  close,
}: {
  log: Logger
  seconds: number
  close: () => Promise<void>
}): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let stoppingSince: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < SAME_SIGNAL_MS) return
      log.warn({ signal }, 'told to stop a second time: what still ran is cut off')
      process.exit(1)
    }
    stoppingSince = performance.now()
    log.info({ signal }, 'stopping: what has begun is finished first')
    const timer = setTimeout(() => {
      log.error({ seconds }, 'not everything ended in time: the rest is cut off')
      process.exit(1)
    }, seconds * 1000)
    close()
      .then(() => {
        log.info('stopped')
        resolve()
      }, reject)
      .finally(() => clearTimeout(timer))
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return promise
}
