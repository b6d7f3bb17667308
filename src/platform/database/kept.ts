import { homeOf } from './connection.ts'
import type { Reader } from './schema.ts'

/** Something that is read often and changes seldom, kept for a moment by each process that reads it. */
export interface Kept<T> {
  /** As it was at most `KEPT_MS` ago. Those who ask at the same moment share one look. */
  get(db: Reader): Promise<T>
  /** Makes this process look again: after the commit of a change. */
  forget(db: Reader): void
}

// What another node changed is noticed here no later than this.
const KEPT_MS = 500

/** Keeps what `read` finds, for each opened database by itself. */
export function keep<T>(read: (db: Reader) => Promise<T>): Kept<T> {
  // The look itself is kept, not its outcome: one that began before a change is forgotten with it.
  const looks = new WeakMap<object, { at: number; look: Promise<T> }>()
  return {
    get: (db) => {
      const home = homeOf(db)
      const kept = looks.get(home)
      const now = performance.now()
      if (kept && now - kept.at < KEPT_MS) return kept.look
      const fresh = { at: now, look: read(db) }
      looks.set(home, fresh)
      fresh.look.catch(() => {
        if (looks.get(home) === fresh) looks.delete(home)
      })
      return fresh.look
    },
    forget: (db) => void looks.delete(homeOf(db)),
  }
}
