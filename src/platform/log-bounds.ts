import { setTimeout as wait } from 'node:timers/promises'
import { prepare } from './database/prepared.ts'
import type { Reader } from './database/schema.ts'

// So long a position may be ahead of the log: the database may be a replica that is a little behind the one where it comes from.
const AHEAD_MS = 1000
const AHEAD_POLL_MS = 50

/** How far the log reaches: it can be followed from behind `floor`, and ends at `head`, the position of its last event. 0 ≤ floor ≤ head. */
export interface LogBounds {
  floor: number
  head: number
}

const bounds = prepare((db) => db.selectFrom('log_head').select(['floor', 'position as head']).where('id', '=', 1))

/** How far the log reaches now. Read before anything else: what is read then holds all events up to the head. */
export async function logBounds(db: Reader): Promise<LogBounds> {
  const [found] = await bounds(db, {})
  if (!found) throw new Error('the database has no log head')
  return { floor: found.floor, head: found.head }
}

/** As logBounds; for a position that the log does not reach yet it waits, a second at the most. */
export async function logBoundsAround(db: Reader, position: number): Promise<LogBounds> {
  let now = await logBounds(db)
  for (let waited = 0; position > now.head && waited < AHEAD_MS; waited += AHEAD_POLL_MS) {
    await wait(AHEAD_POLL_MS, undefined, { ref: false })
    now = await logBounds(db)
  }
  return now
}
