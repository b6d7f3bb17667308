import { AsyncLocalStorage } from 'node:async_hooks'
import { createPool, type Pool, type PoolConnection, type PoolOptions, type QueryError, type ResultSetHeader } from 'mysql2'
import { DatabaseAway } from '../problems.ts'
import { type Connection, kyselyOn, type Result, type Row } from './connection.ts'
import type { Database } from './database.ts'
import { isAway } from './errors.ts'
import type { Reader } from './schema.ts'

export interface MysqlOptions {
  host: string
  port: number
  user: string
  password: string
  database: string
  tls: 'off' | 'unverified' | 'verified'
  poolSize: number
  /** Told what the server's settings weaken, and what to change. */
  onWarning?: (warning: string) => void
}

const ACQUIRE_MS = 1500
const PROBE_EVERY_MS = 500
const PROBE_ANSWER_MS = 1000

// Every promise that rests on the session is stated here, whatever the server's defaults are.
// READ COMMITTED: a decision rests on a locked row or a conditional update, never on a snapshot.
const SESSION = [
  'set session transaction_isolation = "READ-COMMITTED"',
  'set session sql_mode = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"',
  'set session innodb_lock_wait_timeout = 2',
  'set session time_zone = "+00:00"',
]
// MariaDB 10.11 knows the isolation level under its older name only.
const MARIADB_ISOLATION = 'set session tx_isolation = "READ-COMMITTED"'

/** Opens MariaDB (10.11 or newer) or MySQL (8.4 or newer). Refuses a server that it cannot work with. */
export async function openMysql(options: MysqlOptions): Promise<Database> {
  const settings: PoolOptions = {
    host: options.host,
    port: options.port,
    user: options.user,
    password: options.password,
    database: options.database,
    charset: 'utf8mb4_bin',
    connectionLimit: options.poolSize,
    maxIdle: options.poolSize,
    connectTimeout: ACQUIRE_MS,
    enableKeepAlive: true,
    stringifyObjects: true,
    supportBigNumbers: true,
    decimalNumbers: true,
    // A matched row counts as affected even when nothing in it changed: conditional updates rest on this.
    flags: ['+FOUND_ROWS'],
    ...(options.tls === 'off' ? {} : { ssl: { rejectUnauthorized: options.tls === 'verified' } }),
  }
  const pool = createPool(settings)
  const product = await inspect(pool, options)
  const session = product.name === 'mariadb' ? [MARIADB_ISOLATION, ...SESSION.slice(1)] : SESSION
  const server = new Server(pool, session)
  const inside = new AsyncLocalStorage<true>()
  const probe = new Probe({ ...settings, connectionLimit: 1, maxIdle: 1 }, () => server.abandon())

  return {
    engine: 'mysql',
    product,
    reader: kyselyOn({ engine: 'mysql', query: (sql, parameters) => server.use((lease) => lease.query(sql, parameters)) }),
    write: (work) => {
      if (inside.getStore()) return Promise.reject(new Error('a transaction was opened inside a transaction'))
      return server.use(async (lease) => {
        await lease.query('begin', [])
        try {
          const value = await inside.run(true, () => work(lease.db))
          await lease.query('commit', [])
          return value
        } catch (error) {
          await lease.rollback()
          throw error
        }
      })
    },
    check: () =>
      server.use(async (lease) => {
        const { rows } = await lease.query('select @@global.read_only as read_only', [])
        if (rows[0]?.read_only === 1) throw DatabaseAway({ detail: 'The database is read-only.' })
      }),
    close: async () => {
      probe.stop()
      await server.close()
    },
  }
}

/** One connection of the pool while somebody uses it. */
class Lease implements Connection {
  readonly engine = 'mysql'
  readonly db: Reader
  readonly #raw: PoolConnection
  #broken = false
  constructor(raw: PoolConnection) {
    this.#raw = raw
    this.db = kyselyOn(this)
  }
  get broken(): boolean {
    return this.#broken
  }
  query(sql: string, parameters: readonly unknown[]): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    this.#raw.query(sql, parameters as (string | number | null)[], (error: QueryError | null, answer: unknown) => {
      if (error) {
        if (error.fatal || isAway(error)) this.#broken = true
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
  abandon(): void {
    this.#broken = true
    this.#raw.destroy()
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

function awayFrom(cause: unknown): Error {
  const problem = DatabaseAway({ headers: { 'Retry-After': '1' } })
  problem.cause = cause
  return problem
}

/** The pool, and who holds its connections now. */
class Server {
  readonly #pool: Pool
  readonly #session: string[]
  readonly #leases = new WeakMap<PoolConnection, Lease>()
  readonly #held = new Set<Lease>()
  #closing = false
  constructor(pool: Pool, session: string[]) {
    this.#pool = pool
    this.#session = session
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

  /** The server has stopped answering: everybody who waits for it is told now. */
  abandon(): void {
    for (const lease of this.#held) lease.abandon()
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#pool.end(() => resolve())
    await promise
  }

  async #lease(): Promise<Lease> {
    const raw = await this.#acquire()
    const known = this.#leases.get(raw)
    if (known) return known
    const lease = new Lease(raw)
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
    let late = false
    const timer = setTimeout(() => {
      late = true
      reject(awayFrom(new Error(`no connection within ${ACQUIRE_MS} ms`)))
    }, ACQUIRE_MS)
    this.#pool.getConnection((error, raw) => {
      clearTimeout(timer)
      if (error) {
        if (!late) reject(awayFrom(error))
      } else if (late) raw.release()
      else resolve(raw)
    })
    return promise
  }
}

/** Asks the server every half second whether it is there, on a connection of its own; a hung server is noticed, too. */
class Probe {
  readonly #settings: PoolOptions
  readonly #onSilence: () => void
  #pool: Pool
  #timer: NodeJS.Timeout
  constructor(settings: PoolOptions, onSilence: () => void) {
    this.#settings = settings
    this.#onSilence = onSilence
    this.#pool = createPool(settings)
    this.#timer = setTimeout(() => this.#ask(), PROBE_EVERY_MS)
    this.#timer.unref()
  }
  stop(): void {
    clearTimeout(this.#timer)
    this.#pool.end(() => {})
  }
  #ask(): void {
    const pool = this.#pool
    let asked = true
    const next = (): void => {
      if (!asked) return
      asked = false
      clearTimeout(silence)
      this.#timer = setTimeout(() => this.#ask(), PROBE_EVERY_MS)
      this.#timer.unref()
    }
    const silence = setTimeout(() => {
      this.#onSilence()
      // The old probe connection hangs with its server; a fresh one finds out when that is over.
      pool.end(() => {})
      this.#pool = createPool(this.#settings)
      next()
    }, PROBE_ANSWER_MS)
    silence.unref()
    pool.query('select 1', () => next())
  }
}

async function inspect(pool: Pool, options: MysqlOptions): Promise<Database['product']> {
  const ask = (sql: string): Promise<Row[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
    pool.query(sql, (error: QueryError | null, rows: unknown) => (error ? reject(error) : resolve(rows as Row[])))
    return promise
  }
  const [server] = await ask('select version() as version, @@character_set_database as charset')
  const version = String(server?.version)
  const name = version.includes('MariaDB') ? 'mariadb' : 'mysql'
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const needed = name === 'mariadb' ? ([10, 11] as const) : ([8, 4] as const)
  if (major < needed[0] || (major === needed[0] && minor < needed[1]))
    throw new UnusableDatabase(
      `${version} is too old: Beckon needs ${name === 'mariadb' ? 'MariaDB 10.11' : 'MySQL 8.4'} or newer.`,
    )
  if (!String(server?.charset).startsWith('utf8mb4'))
    options.onWarning?.(
      `The database's default character set is ${String(server?.charset)}. Beckon's own tables state utf8mb4; ` +
        `set it with: alter database \`${options.database}\` character set utf8mb4 collate utf8mb4_bin`,
    )
  const [durability] = await ask('select @@innodb_flush_log_at_trx_commit as flush_log, @@innodb_doublewrite as doublewrite')
  if (Number(durability?.flush_log) !== 1)
    options.onWarning?.(
      'innodb_flush_log_at_trx_commit is not 1: an acknowledged write can be lost when the server loses power. ' +
        'Set it with: set global innodb_flush_log_at_trx_commit = 1',
    )
  return { name, version }
}

/** A database that Beckon refuses to work with; the message says what to change. */
export class UnusableDatabase extends Error {}
