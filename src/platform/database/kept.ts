import { connectionOf } from './connection.ts'
import type { Reader } from './schema.ts'

const KEPT_MS = 500
const ENTRIES_KEPT = 1000

/** What is read so often that this process keeps it for a moment. */
export interface Kept<V> {
  /** The value as of at most half a second ago. Those who ask at the same moment share one look. */
  get(db: Reader, key: string): V | Promise<V>
  /** Makes this process look again at once; other nodes do within half a second. For `tx.afterCommit`. */
  forget(db: Reader): void
}

/** Keeps what `load` reads, per opened database and key. */
export function keep<V>(load: (db: Reader, key: string) => Promise<V>): Kept<V> {
  const homes = new WeakMap<object, Map<string, { at: number; look: Promise<V>; value?: V }>>()
  return {
    get(db, key) {
      const { home } = connectionOf(db)
      const entries = homes.get(home) ?? new Map<string, { at: number; look: Promise<V>; value?: V }>()
      homes.set(home, entries)
      const now = performance.now()
      const kept = entries.get(key)
      if (kept && now - kept.at < KEPT_MS) return kept.value ?? kept.look
      // The look is kept, not only its outcome: one that began before a change is forgotten with it.
      const entry: { at: number; look: Promise<V>; value?: V } = { at: now, look: load(db, key) }
      if (entries.size >= ENTRIES_KEPT) entries.clear()
      entries.set(key, entry)
      entry.look.then(
        (value) => {
          entry.value = value
        },
        () => entries.delete(key),
      )
      return entry.look
    },
    forget(db) {
      homes.get(connectionOf(db).home)?.clear()
    },
  }
}
