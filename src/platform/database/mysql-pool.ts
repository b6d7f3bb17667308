import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2'
import { awayFrom } from './away.ts'
import { Lease } from './mysql-lease.ts'
import type { Stopwatch } from './slow-queries.ts'

/** How long anybody waits for a connection, or for a turn to use one, before he is told to come again. */
export const ACQUIRE_MS = 1500
const CLOSE_MS = 1000

/** The pool, who holds its connections and who waits for one; and whether the server answers at all. */
export class Server {
  readonly #settings: PoolOptions
  readonly #session: readonly string[]
  readonly #stopwatch: Stopwatch
  readonly #leases = new WeakMap<PoolConnection, Lease>()
  readonly #held = new Set<Lease>()
  readonly #waiting = new Map<(why: string) => void, number>()
  #pool: Pool
  #isSilent = false
  #closing = false
  constructor(settings: PoolOptions, { session, stopwatch }: { session: readonly string[]; stopwatch: Stopwatch }) {
    this.#settings = settings
    this.#session = session
    this.#stopwatch = stopwatch
    this.#pool = this.#createPool()
  }

  async use<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = await this.#lease()
    this.#held.add(lease)
    try {
      return await work(lease)
    } finally {
      this.#held.delete(lease)
      lease.release()
    }
  }

  /** It has stopped answering: everybody who waits for it is told now, and who comes is told at once, until it `spoke`. */
  fellSilent(): void {
    if (this.#isSilent || this.#closing) return
    this.#isSilent = true
    // What was idle may be dead without knowing it. Ended first: a connection that breaks would make the pool open another.
    this.#pool.end(() => {})
    this.#pool = this.#createPool()
    for (const giveUp of [...this.#waiting.keys()]) giveUp('the server has stopped answering')
    for (const lease of [...this.#held]) lease.abandon()
  }

  /** It answered, if only that it takes no connections: whoever asks it finds out at once. */
  spoke(): void {
    this.#isSilent = false
  }

  /** For how long who has waited longest for a connection has waited. */
  waitedMs(): number {
    const { value: since } = this.#waiting.values().next()
    return since === undefined ? 0 : performance.now() - since
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    const { promise, resolve } = Promise.withResolvers<void>()
    // A server that hangs says no farewell.
    const timer = setTimeout(resolve, CLOSE_MS)
    this.#pool.end(() => resolve())
    await promise
    clearTimeout(timer)
  }

  #createPool(): Pool {
    const pool = createPool(this.#settings)
    // The driver listens for one error of a connection; a second one, with nobody listening, would end the process.
    pool.on('connection', (raw) => raw.on('error', () => {}))
    return pool
  }

  async #lease(): Promise<Lease> {
    const raw = await this.#acquire()
    const known = this.#leases.get(raw)
    if (known) return known
    const lease = new Lease(raw, { home: this, stopwatch: this.#stopwatch })
    this.#held.add(lease)
    try {
      for (const statement of this.#session) await lease.query(statement, [])
    } catch (error) {
      lease.abandon()
      throw error
    } finally {
      this.#held.delete(lease)
    }
    this.#leases.set(raw, lease)
    return lease
  }

  #acquire(): Promise<PoolConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<PoolConnection>()
    if (this.#isSilent) {
      reject(awayFrom(new Error('the server does not answer')))
      return promise
    }
    let isOver = false
    const end = (): void => {
      isOver = true
      clearTimeout(timer)
      this.#waiting.delete(giveUp)
    }
    const giveUp = (why: string): void => {
      end()
      reject(awayFrom(new Error(why)))
    }
    const timer = setTimeout(() => giveUp(`no connection within ${ACQUIRE_MS} ms`), ACQUIRE_MS)
    this.#waiting.set(giveUp, performance.now())
    this.#pool.getConnection((error, raw) => {
      if (isOver) {
        if (!error) raw.release()
        return
      }
      end()
      if (error) reject(awayFrom(error))
      else resolve(raw)
    })
    return promise
  }
}
