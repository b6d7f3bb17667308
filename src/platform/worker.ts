import { AsyncLocalStorage } from 'node:async_hooks'

/** Something that runs in the background: at once when woken, and by a poll as the safety net. */
export interface Worker {
  /** Says that there may be work. Never waits. */
  wake(): void
  /** Lets the present run finish, and starts no other. */
  stop(): Promise<void>
  /** Resolves when the worker has looked at least once since the call and found nothing more to do. */
  settle(): Promise<void>
}

/** In place of a worker that runs in other processes only: waking it wakes nobody here. */
export function absentWorker(onWake: () => void = () => {}): Worker {
  return { wake: onWake, settle: async () => {}, stop: async () => {} }
}

/**
 * Runs `run` one at a time; when it answers true there is more to do and it is run again at once.
 * An error is told and does not stop the worker: the poll tries again.
 */
export function createWorker({
  run,
  pollMs,
  onError,
}: {
  run: () => Promise<boolean>
  pollMs: number
  onError: (error: unknown) => void
}): Worker {
  let running: Promise<void> | null = null
  let woken = false
  let stopped = false
  // Whoever wakes it may be within a request: what is done then is not part of it.
  const outside = AsyncLocalStorage.snapshot()

  const loop = async (): Promise<void> => {
    while (woken && !stopped) {
      woken = false
      try {
        while (!stopped && (await run()));
      } catch (error) {
        onError(error)
      }
    }
    running = null
  }
  const wake = (): void => {
    woken = true
    if (!stopped) running ??= outside(loop)
  }
  const timer = setInterval(wake, pollMs)
  timer.unref()

  return {
    wake,
    settle: async () => {
      wake()
      while (running) await running
    },
    stop: async () => {
      stopped = true
      clearInterval(timer)
      while (running) await running
    },
  }
}
