import type { PoolConnection, QueryError, ResultSetHeader } from 'mysql2'
import { awayFrom } from './away.ts'
import { type Connection, kyselyOn, type Result, type Row } from './connection.ts'
import { isAway, isFull } from './errors.ts'
import type { Reader } from './schema.ts'
import type { Stopwatch } from './slow-queries.ts'

/** One connection of the pool while somebody uses it. */
export class Lease implements Connection {
  readonly engine = 'mysql'
  readonly home: object
  readonly db: Reader
  readonly #raw: PoolConnection
  readonly #unanswered = new Set<(error: Error) => void>()
  readonly #stopwatch: Stopwatch
  #broken = false
  constructor(raw: PoolConnection, { home, stopwatch }: { home: object; stopwatch: Stopwatch }) {
    this.#raw = raw
    this.#stopwatch = stopwatch
    this.home = home
    this.db = kyselyOn(this)
  }
  query(sql: string, parameters: readonly unknown[]): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    if (this.#broken) {
      reject(awayFrom(new Error('the connection is gone')))
      return promise
    }
    this.#unanswered.add(reject)
    const answered = this.#stopwatch.start(sql)
    this.#raw.query(sql, parameters as (string | number | null)[], (error: QueryError | null, answer: unknown) => {
      this.#unanswered.delete(reject)
      answered()
      if (error) {
        // Where there is no room, the connection is as good as before.
        if (error.fatal || (isAway(error) && !isFull(error))) this.#broken = true
        reject(this.#broken ? awayFrom(error) : error)
      } else resolve(toResult(answer))
    })
    return promise
  }
  async rollback(): Promise<void> {
    if (this.#broken) return
    // A connection on which even this fails must not go back to the pool with an open transaction.
    await this.query('rollback', []).catch(() => {
      this.#broken = true
    })
  }
  /** Tells everybody who waits for an answer that there will be none: the driver forgets them when a connection is destroyed. */
  abandon(): void {
    this.#broken = true
    this.#raw.destroy()
    for (const reject of this.#unanswered) reject(awayFrom(new Error('the server has stopped answering')))
    this.#unanswered.clear()
  }
  release(): void {
    if (this.#broken) this.#raw.destroy()
    else this.#raw.release()
  }
}

function toResult(answer: unknown): Result {
  if (Array.isArray(answer)) return { rows: answer as Row[], changes: 0, insertId: 0 }
  // mysql2 answers everything but a result set with this header.
  const header = answer as ResultSetHeader
  return { rows: [], changes: header.affectedRows, insertId: Number(header.insertId) }
}
