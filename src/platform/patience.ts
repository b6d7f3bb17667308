import { setTimeout as wait } from 'node:timers/promises'

/** Whether `work` ended, well or not, within a time. It goes on in any case. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = new AbortController()
  const ended = Promise.allSettled([work]).then(() => true)
  try {
    return await Promise.race([ended, wait(ms, false, { signal: late.signal })])
  } finally {
    late.abort()
  }
}
