import { AsyncLocalStorage } from 'node:async_hooks'
import type { ConnectionOptions } from 'mysql2'
import { DatabaseAway } from '../problems.ts'
import { awayFrom } from './away.ts'
import { kyselyOn, type Result } from './connection.ts'
import type { Database } from './database.ts'
import { isLockTimeout, isTransient } from './errors.ts'
import { inspectServer, judgeServer, productOf } from './mysql-inspect.ts'
import { ACQUIRE_MS, Server } from './mysql-pool.ts'
import { Probe } from './mysql-probe.ts'
import { sessionStatements } from './mysql-session.ts'
import { noStopwatch, type Stopwatch } from './slow-queries.ts'
import { Turnstile } from './turnstile.ts'

interface MysqlOptions {
  host: string
  port: number
  user: string
  password: string
  database: string
  tls: 'off' | 'unverified' | 'verified'
  poolSize: number
  /** Told what the server's settings weaken, and what to change. */
  onWarning?: (warning: string) => void
  stopwatch?: Stopwatch
}

/** Opens MariaDB (10.11 or newer) or MySQL (8.4 or newer). Refuses a server that it cannot work with. */
export async function openMysql(options: MysqlOptions): Promise<Database> {
  const settings = {
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
  } satisfies ConnectionOptions
  const facts = await inspectServer(settings)
  const { refusal, warnings } = judgeServer(facts)
  if (refusal !== undefined) throw new UnusableDatabase(refusal)
  for (const warning of warnings) options.onWarning?.(warning)
  const product = productOf(facts.version)
  const pool = { ...settings, connectionLimit: options.poolSize, maxIdle: options.poolSize }
  const server = new Server(pool, { session: sessionStatements(product, facts), stopwatch: options.stopwatch ?? noStopwatch })
  const inside = new AsyncLocalStorage<true>()
  // Readers do not wait behind writers that wait for a row: a quarter of the connections is theirs alone.
  const writers = new Turnstile(Math.max(1, Math.floor(options.poolSize * 0.75)), ACQUIRE_MS)
  const probe = new Probe(settings, server)

  return {
    engine: 'mysql',
    product,
    reader: kyselyOn({
      engine: 'mysql',
      home: server,
      query: (sql, parameters) => readOn(server, { sql, parameters }),
    }),
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
    waits: () => {
      const read_ms = server.waitedMs()
      return { read_ms, write_ms: Math.max(read_ms, writers.waitedMs()) }
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

const READ_TRIES = 4

/**
 * Runs one statement outside any transaction. On Galera what another member changes may end it as if it were in a deadlock: nothing
 * of it was done then, and it is run again. One that timed out is not: nobody waits so long twice. Rejects with DatabaseAway when it
 * has lost too often.
 */
async function readOn(server: Server, { sql, parameters }: { sql: string; parameters: readonly unknown[] }): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.use((lease) => lease.query(sql, parameters))
    } catch (error) {
      if (!isTransient(error)) throw error
      if (isLockTimeout(error) || attempt === READ_TRIES) throw awayFrom(error)
    }
  }
}

/** A database that Beckon refuses to work with; the message says what to change. */
export class UnusableDatabase extends Error {}
