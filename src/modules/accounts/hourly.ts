import type { Clock } from '../../platform/clock.ts'
import { LruMap } from './lru.ts'

const HOUR_MS = 3_600_000
const KEPT = 10_000

/**
 * Lets one thing an hour through for a key; per process. `what` names the thing: the same one may come again, for what has failed
 * is tried again.
 */
export function createHourly(clock: Clock): (key: string, what: string) => boolean {
  const last = new LruMap<{ what: string; at: number }>(KEPT)
  return (key, what) => {
    const before = last.get(key)
    if (before && before.what !== what && clock.now() - before.at < HOUR_MS) return false
    if (before?.what !== what) last.set(key, { what, at: clock.now() })
    return true
  }
}
