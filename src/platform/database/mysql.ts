import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type ConnectionOptions,
  createConnection,
  createPool,
  type Connection as DriverConnection,
  type Pool,
  type PoolConnection,
  type PoolOptions,
  type QueryError,
  type ResultSetHeader,
} from 'mysql2'
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
const CLOSE_MS = 1000

// Every promise that rests on the session is stated here, whatever the server's defaults are.
// READ COMMITTED: a decision rests on a locked row or a conditional update, never on a snapshot.
const SESSION = [
  'set session transaction_isolation = "READ-COMMITTED"',
  'set session sql_mode = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"',
  'set session innodb_lock_wait_timeout = 1',
  'set session time_zone = "+00:00"',
]
// MariaDB 10.11 knows the isolation level under its older name only. It also ends the transaction of a node that was stopped in the
// middle of it, which would else hold up the whole log; MySQL has nothing like that.
const MARIADB_SESSION = [
  'set session tx_isolation = "READ-COMMITTED"',
  'set session idle_transaction_timeout = 10',
  ...SESSION.slice(1),
]

/** Opens MariaDB (10.11 or newer) or MySQL (8.4 or newer). Refuses a server that it cannot work with. */
export async function openMysql(options: MysqlOptions): Promise<Database> {
  const settings: ConnectionOptions = {
    host: options.host,
    port: options.port,
    user: options.user,
    password: options.password,
    database: options.database,
    charset: 'utf8mb4_bin',
    connectTimeout: ACQUIRE_MS,
    enableKeepAlive: true,
    stringifyObjects: true,
    supportBigNumbers: true,
    decimalNumbers: true,
    // A matched row counts as affected even when nothing in it changed: conditional updates rest on this.
    flags: ['+FOUND_ROWS'],
    ...(options.tls === 'off' ? {} : { ssl: { rejectUnauthorized: options.tls === 'verified' } }),
  }
  const product = await inspect(settings, options)
  const session = product.name === 'mariadb' ? MARIADB_SESSION : SESSION
  const server = new Server({ ...settings, connectionLimit: options.poolSize, maxIdle: options.poolSize }, session)
  const inside = new AsyncLocalStorage<true>()
  // Readers do not wait behind writers that wait for a row: a quarter of the connections is theirs alone.
  const writers = new Turnstile(Math.max(1, Math.floor(options.poolSize * 0.75)))
  const probe = new Probe(settings, server)

  return {
    engine: 'mysql',
    product,
    reader: kyselyOn({ engine: 'mysql', query: (sql, parameters) => server.use((lease) => lease.query(sql, parameters)) }),
    write: (work) => {
      if (inside.getStore()) return Promise.reject(new Error('a transaction was opened inside a transaction'))
      return writers.pass(() =>
        server.use(async (lease) => {
          await lease.query('begin', [])
          try {
            const value = await inside.run(true, () => work(lease.db))
            await lease.query('commit', [])
            return value
          } catch (error) {
            await lease.rollback()
            throw error
          }
        }),
      )
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

/** Lets so many through at a time; who waits for too long is told to come again. */
class Turnstile {
  readonly #waiting: (() => void)[] = []
  #free: number
  constructor(places: number) {
    this.#free = places
  }
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await this.#turn()
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
  #turn(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(enter), 1)
      reject(awayFrom(new Error(`no turn to write within ${ACQUIRE_MS} ms`)))
    }, ACQUIRE_MS)
    const enter = (): void => {
      clearTimeout(timer)
      resolve()
    }
    this.#waiting.push(enter)
    return promise
  }
}

/** One connection of the pool while somebody uses it. */
class Lease implements Connection {
  readonly engine = 'mysql'
  readonly db: Reader
  readonly #raw: PoolConnection
  readonly #unanswered = new Set<(error: Error) => void>()
  #broken = false
  constructor(raw: PoolConnection) {
    this.#raw = raw
    this.db = kyselyOn(this)
  }
  query(sql: string, parameters: readonly unknown[]): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    if (this.#broken) {
      reject(awayFrom(new Error('the connection is gone')))
      return promise
    }
    this.#unanswered.add(reject)
    this.#raw.query(sql, parameters as (string | number | null)[], (error: QueryError | null, answer: unknown) => {
      this.#unanswered.delete(reject)
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

function awayFrom(cause: unknown): Error {
  const problem = DatabaseAway({ headers: { 'Retry-After': '1' } })
  problem.cause = cause
  return problem
}

/** The pool, who holds its connections and who waits for one; and whether the server answers at all. */
class Server {
  readonly #settings: PoolOptions
  readonly #session: string[]
  readonly #leases = new WeakMap<PoolConnection, Lease>()
  readonly #held = new Set<Lease>()
  readonly #waiting = new Set<(why: string) => void>()
  #pool: Pool
  #isSilent = false
  #closing = false
  constructor(settings: PoolOptions, session: string[]) {
    this.#settings = settings
    this.#session = session
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
    for (const giveUp of [...this.#waiting]) giveUp('the server has stopped answering')
    for (const lease of [...this.#held]) lease.abandon()
  }

  /** It answered, if only that it takes no connections: whoever asks it finds out at once. */
  spoke(): void {
    this.#isSilent = false
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
    this.#waiting.add(giveUp)
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

/** Asks the server every half second whether it is there, on a connection of its own: a hung server is noticed, too. */
class Probe {
  readonly #settings: ConnectionOptions
  readonly #server: Server
  #connection: DriverConnection | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  constructor(settings: ConnectionOptions, server: Server) {
    this.#settings = settings
    this.#server = server
    this.#askLater()
  }
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#drop()
  }
  #askLater(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.#ask(), PROBE_EVERY_MS)
    this.#timer.unref()
  }
  #ask(): void {
    let isOver = false
    const end = (error?: unknown): void => {
      if (isOver) return
      isOver = true
      clearTimeout(silence)
      // The next one asks on a fresh connection: this one is gone, or hangs with its server.
      if (error) this.#drop()
      this.#askLater()
    }
    const silence = setTimeout(() => {
      // When this process itself was held up, the answer lies in the socket: it is read before this runs.
      setImmediate(() => {
        if (isOver || this.#stopped) return
        this.#server.fellSilent()
        end(new Error('no answer'))
      })
    }, PROBE_ANSWER_MS)
    silence.unref()
    this.#connection ??= this.#connect()
    this.#connection.query('select 1', (error: QueryError | null) => {
      if (!isOver) this.#server.spoke()
      end(error)
    })
  }
  #connect(): DriverConnection {
    const connection = createConnection(this.#settings)
    // Whoever asks on it is told by his callback.
    connection.on('error', () => {})
    return connection
  }
  #drop(): void {
    this.#connection?.destroy()
    this.#connection = undefined
  }
}

async function inspect(settings: ConnectionOptions, options: MysqlOptions): Promise<Database['product']> {
  const connection = createConnection(settings)
  connection.on('error', () => {})
  const ask = (sql: string): Promise<Row[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
    connection.query(sql, (error: QueryError | null, rows: unknown) => (error ? reject(error) : resolve(rows as Row[])))
    return promise
  }
  try {
    return await findProduct(ask, options)
  } finally {
    connection.destroy()
  }
}

async function findProduct(ask: (sql: string) => Promise<Row[]>, options: MysqlOptions): Promise<Database['product']> {
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
