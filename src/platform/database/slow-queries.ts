import { requestServed } from '../serving.ts'

/** A statement that took long: its text, without values, and the request that it was for. */
export interface SlowQuery {
  sql: string
  ms: number
  request_id: string | undefined
}

/** Looks at how long statements take. */
export interface Stopwatch {
  /** To be called before a statement; what it gives, when the answer is there. */
  start(sql: string): () => void
}

// Statements that list hundreds of ids tell nothing more by their end.
const SHOWN = 1000

/** Tells of statements that take `slowMs` or more; 0 for none. */
export function createStopwatch({ slowMs, onSlow }: { slowMs: number; onSlow: (query: SlowQuery) => void }): Stopwatch {
  if (slowMs === 0) return { start: () => () => {} }
  return {
    start(sql) {
      const began = performance.now()
      // The driver answers in a context of its own.
      const request_id = requestServed()
      return () => {
        const ms = performance.now() - began
        if (ms >= slowMs) onSlow({ sql: sql.slice(0, SHOWN), ms: Math.round(ms), request_id })
      }
    },
  }
}

/** Looks at nothing. */
export const noStopwatch: Stopwatch = { start: () => () => {} }
