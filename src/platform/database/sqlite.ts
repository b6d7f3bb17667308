import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as wait, setImmediate as yieldToLoop } from 'node:timers/promises'
import { DatabaseAway } from '../problems.ts'
import { type Connection, kyselyOn, type Result, type Row } from './connection.ts'
import type { Database } from './database.ts'
import { SQLITE_BUSY, sqliteCode } from './errors.ts'
import type { Reader } from './schema.ts'
import { noStopwatch, type Stopwatch } from './slow-queries.ts'

const STATEMENTS_KEPT = 1000
const GROUP_SIZE = 64
const GROUP_MS = 20
const BUSY_FOR_MS = 1800

interface SqliteOptions {
  path: string
  /** FULL in production; tests that do not test durability may take OFF. */
  synchronous?: 'FULL' | 'OFF'
  /** Told when a transaction waited for something else than its statements. */
  onSlowWrite?: (ms: number) => void
  stopwatch?: Stopwatch
}

/** Opens SQLite: one writer connection, a read-only one beside it, WAL, and group commit. */
export function openSqlite({ path, synchronous = 'FULL', onSlowWrite, stopwatch = noStopwatch }: SqliteOptions): Database {
  mkdirSync(dirname(path), { recursive: true })
  // For its owner alone, and so are the files beside it, which SQLite makes in its likeness.
  closeSync(openSync(path, 'a', 0o600))
  const writerFile = new DatabaseSync(path, { timeout: 0 })
  writerFile.exec('pragma journal_mode = wal')
  writerFile.exec(`pragma synchronous = ${synchronous}; pragma foreign_keys = on; pragma temp_store = memory`)
  writerFile.exec('pragma cache_size = -65536; pragma wal_autocheckpoint = 4000')
  const readerFile = new DatabaseSync(path, { readOnly: true, timeout: 50 })
  readerFile.exec('pragma query_only = on; pragma temp_store = memory; pragma cache_size = -65536; pragma mmap_size = 268435456')

  const home = {}
  const writerConnection = connectionOn(writerFile, { home, stopwatch })
  const writer = new GroupCommit(writerFile, kyselyOn(writerConnection), onSlowWrite)
  const version = String(readerFile.prepare('select sqlite_version() as version').get()?.version)

  return {
    engine: 'sqlite',
    product: { name: 'sqlite', version },
    reader: kyselyOn(connectionOn(readerFile, { home, stopwatch })),
    write: (work) => writer.run(work),
    waits: () => ({ read_ms: 0, write_ms: writer.waitedMs() }),
    check: async () => {
      await writer.run(async () => {})
    },
    close: async () => {
      await writer.close()
      readerFile.close()
      writerFile.close()
    },
  }
}

function connectionOn(file: DatabaseSync, { home, stopwatch }: { home: object; stopwatch: Stopwatch }): Connection {
  const statements = new StatementCache(file)
  return {
    engine: 'sqlite',
    home,
    async query(sql, parameters): Promise<Result> {
      const cached = statements.get(sql)
      const { statement, columns } = cached
      // Kysely types parameters as unknown; node:sqlite itself refuses what it cannot bind.
      const values = parameters as SQLInputValue[]
      const answered = stopwatch.start(sql)
      if (columns.length > 0) {
        const rows = readRows(cached, values)
        answered()
        return { rows, changes: 0, insertId: 0 }
      }
      const { changes, lastInsertRowid } = statement.run(...values)
      answered()
      return { rows: [], changes: Number(changes), insertId: Number(lastInsertRowid) }
    },
  }
}

interface CachedStatement {
  statement: StatementSync
  /** The names of what it returns; none for a statement that returns no rows. */
  columns: readonly string[]
  toRow: (cells: unknown[]) => Row
}

/** Rows as plain objects: node:sqlite's own have no prototype and a slow form, which costs three times as much to copy. */
function readRows({ statement, toRow }: CachedStatement, values: SQLInputValue[]): Row[] {
  // With setReturnArrays(true) each row is an array, which its type does not say.
  const rows = statement.all(...values) as unknown as unknown[][]
  return rows.map(toRow)
}

/**
 * Makes a row out of its cells, by code that is written for these very columns: a loop over their names takes ten times as long
 * for the forty of a ticket, which was a tenth of a list.
 */
function rowMaker(columns: readonly string[]): (cells: unknown[]) => Row {
  const members = columns.map((name, i) => `${JSON.stringify(name)}: cells[${i}]`)
  return new Function('cells', `return { ${members.join(', ')} }`) as (cells: unknown[]) => Row
}

/** Prepared statements by their text, the least recently used one dropped. */
class StatementCache {
  readonly #file: DatabaseSync
  readonly #statements = new Map<string, CachedStatement>()
  constructor(file: DatabaseSync) {
    this.#file = file
  }
  get(sql: string): CachedStatement {
    const kept = this.#statements.get(sql)
    if (kept) {
      if (this.#statements.size > STATEMENTS_KEPT / 2) {
        this.#statements.delete(sql)
        this.#statements.set(sql, kept)
      }
      return kept
    }
    const statement = this.#file.prepare(sql)
    const columns = statement.columns().map(({ name }) => name)
    const made = { statement, columns, toRow: rowMaker(columns) }
    if (made.columns.length > 0) statement.setReturnArrays(true)
    // The last row id that FTS5 leaves behind after a delete does not fit a number.
    else statement.setReadBigInts(true)
    this.#statements.set(sql, made)
    if (this.#statements.size > STATEMENTS_KEPT) {
      const oldest = this.#statements.keys().next().value
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    return made
  }
}

interface Waiting {
  since: number
  work: (db: Reader) => Promise<unknown>
  settle: (outcome: { value: unknown } | { error: unknown }) => void
}

/**
 * Transactions that wait together share one `begin immediate … commit`, each behind a savepoint of its own, each answered
 * only after the commit, which with `synchronous=FULL` is after the sync.
 */
class GroupCommit {
  readonly #file: DatabaseSync
  readonly #db: Reader
  readonly #onSlowWrite: ((ms: number) => void) | undefined
  readonly #inside = new AsyncLocalStorage<true>()
  #queue: Waiting[] = []
  #running: Promise<void> | null = null
  #closed = false

  constructor(file: DatabaseSync, db: Reader, onSlowWrite?: (ms: number) => void) {
    this.#file = file
    this.#db = db
    this.#onSlowWrite = onSlowWrite
  }

  run<T>(work: (db: Reader) => Promise<T>): Promise<T> {
    if (this.#inside.getStore()) return Promise.reject(new Error('a transaction was opened inside a transaction'))
    if (this.#closed) return Promise.reject(DatabaseAway({ detail: 'The database is closed.', headers: { 'Retry-After': '1' } }))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#queue.push({
      since: performance.now(),
      work,
      // The value is what this very `work` returned.
      settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value as T)),
    })
    this.#running ??= this.#drain()
    return promise
  }

  waitedMs(): number {
    const [first] = this.#queue
    return first ? performance.now() - first.since : 0
  }

  async close(): Promise<void> {
    this.#closed = true
    while (this.#running) await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Requests that arrived during the last sync get to join this group.
      await yieldToLoop()
      await this.#group()
    }
    this.#running = null
  }

  async #group(): Promise<void> {
    try {
      await this.#begin()
    } catch (error) {
      for (const member of this.#queue.splice(0)) member.settle({ error })
      return
    }
    const done: { member: Waiting; value: unknown }[] = []
    const started = performance.now()
    try {
      while (this.#queue.length > 0 && done.length < GROUP_SIZE && performance.now() - started < GROUP_MS) {
        const member = this.#queue.shift()
        if (member) await this.#member(member, done)
      }
      this.#file.exec('commit')
    } catch (error) {
      // SQLITE_FULL, IOERR and NOMEM roll back the whole transaction, not the savepoint: then nobody has committed.
      if (this.#file.isTransaction) this.#file.exec('rollback')
      for (const { member } of done) member.settle({ error })
      return
    }
    for (const { member, value } of done) member.settle({ value })
  }

  async #member(member: Waiting, done: { member: Waiting; value: unknown }[]): Promise<void> {
    const started = performance.now()
    this.#file.exec('savepoint member')
    try {
      const value = await this.#inside.run(true, () => member.work(this.#db))
      this.#file.exec('release member')
      done.push({ member, value })
    } catch (error) {
      member.settle({ error })
      if (!this.#file.isTransaction) throw error
      this.#file.exec('rollback to member; release member')
    }
    const took = performance.now() - started
    if (took > 50) this.#onSlowWrite?.(Math.round(took))
  }

  async #begin(): Promise<void> {
    const givenUp = performance.now() + BUSY_FOR_MS
    for (;;) {
      try {
        this.#file.exec('begin immediate')
        return
      } catch (error) {
        // Another process (the CLI) writes: wait for it without blocking the loop.
        if (sqliteCode(error) !== SQLITE_BUSY || performance.now() > givenUp) throw error
        await wait(2 + Math.random() * 8)
      }
    }
  }
}
