import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { newId } from '../ids.ts'
import { connectionOf, type Engine } from './connection.ts'
import type { Database } from './database.ts'
import { insertIfAbsent } from './dialect.ts'
import { isTransient } from './errors.ts'
import type { Reader } from './schema.ts'

/**
 * A kind of column, with its form on each engine. Every column states its own character set and collation:
 * identifiers and keys compare byte by byte on all engines.
 */
type ColumnKind = 'id' | 'key' | 'name' | 'line' | 'text' | 'int' | 'time' | 'bool' | 'real' | 'serial'
type Column = ColumnKind | `${ColumnKind}?`

const KINDS: Record<ColumnKind, Record<Engine, string>> = {
  /** An identifier or another short ascii text. */
  id: { sqlite: 'text', mysql: 'varchar(64) character set ascii collate ascii_bin' },
  /** A folded text that is looked up, such as an e-mail address. */
  key: { sqlite: 'text', mysql: 'varchar(320) character set utf8mb4 collate utf8mb4_bin' },
  name: { sqlite: 'text', mysql: 'varchar(320) character set utf8mb4 collate utf8mb4_bin' },
  line: { sqlite: 'text', mysql: 'varchar(1000) character set utf8mb4 collate utf8mb4_bin' },
  text: { sqlite: 'text', mysql: 'mediumtext character set utf8mb4 collate utf8mb4_bin' },
  int: { sqlite: 'integer', mysql: 'bigint' },
  /** Epoch milliseconds. */
  time: { sqlite: 'integer', mysql: 'bigint' },
  bool: { sqlite: 'integer', mysql: 'tinyint' },
  real: { sqlite: 'real', mysql: 'double' },
  /** Numbers itself. */
  serial: { sqlite: 'integer', mysql: 'bigint auto_increment' },
}

interface Table {
  columns: Record<string, Column>
  primary: string[]
  unique?: Record<string, string[]>
  indexes?: Record<string, string[]>
}

/** One step of a migration. It may be run again after it was cut off anywhere, and then does what is left. */
export interface Step {
  name: string
  run(db: Reader): Promise<void>
}

/** A numbered change of the schema, `0001-house`. Never edited once released; there is no way down. */
export interface Migration {
  name: string
  steps: Step[]
}

export function createTable(name: string, table: Table): Step {
  return {
    name: `table ${name}`,
    run: async (db) => {
      for (const statement of tableStatements(connectionOf(db).engine, name, table)) await connectionOf(db).query(statement, [])
    },
  }
}

/**
 * Gives a table further columns; those that it has already stay. Rows that are there get `fill`, which a column that may not be
 * null needs.
 */
export function addColumns(
  table: string,
  { columns, fill = {} }: { columns: Record<string, Column>; fill?: Record<string, string | number> },
): Step {
  return {
    name: `columns of ${table}: ${Object.keys(columns).join(', ')}`.slice(0, 300),
    run: async (db) => {
      const connection = connectionOf(db)
      const present = await columnsOf(db, table)
      const lines = Object.entries(columns)
        .filter(([name]) => !present.has(name))
        .map(
          ([name, column]) =>
            `add column ${columnText(connection.engine, name, column)}${defaultText(connection.engine, fill[name])}`,
        )
      if (lines.length === 0) return
      // MySQL adds them all or none; SQLite one at a time, in the transaction of the step.
      const statements = connection.engine === 'mysql' ? [lines.join(', ')] : lines
      for (const statement of statements) await connection.query(`alter table ${table} ${statement}`, [])
    },
  }
}

/** Gives a column another name; one that has it already keeps it. */
export function renameColumn(table: string, { from, to }: { from: string; to: string }): Step {
  return {
    name: `column of ${table}: ${from} is ${to}`,
    run: async (db) => {
      const present = await columnsOf(db, table)
      if (!present.has(to)) await connectionOf(db).query(`alter table ${table} rename column ${from} to ${to}`, [])
    },
  }
}

/** Gives a table further indexes; those that it has already stay. */
export function addIndexes(table: string, indexes: Record<string, string[]>): Step {
  return {
    name: `indexes of ${table}: ${Object.keys(indexes).join(', ')}`.slice(0, 300),
    run: async (db) => {
      const connection = connectionOf(db)
      if (connection.engine === 'sqlite') {
        for (const [name, columns] of Object.entries(indexes))
          await connection.query(`create index if not exists "${table}_${name}" on "${table}" (${columns.join(', ')})`, [])
        return
      }
      const present = await indexesOf(db, table)
      const missing = Object.entries(indexes).filter(([name]) => !present.has(name))
      if (missing.length === 0) return
      const lines = missing.map(
        ([name, columns]) => `add key \`${name}\` (${columns.map((column) => `\`${column}\``).join(', ')})`,
      )
      await connection.query(`alter table \`${table}\` ${lines.join(', ')}`, [])
    },
  }
}

/** Takes indexes away that others have made needless; those that are gone already stay gone. */
export function dropIndexes(table: string, names: string[]): Step {
  return {
    name: `no indexes of ${table}: ${names.join(', ')}`.slice(0, 300),
    run: async (db) => {
      const connection = connectionOf(db)
      const present = await indexesOf(db, table)
      for (const name of names) {
        if (connection.engine === 'sqlite') await connection.query(`drop index if exists "${table}_${name}"`, [])
        else if (present.has(name)) await connection.query(`alter table \`${table}\` drop key \`${name}\``, [])
      }
    },
  }
}

async function indexesOf(db: Reader, table: string): Promise<Set<unknown>> {
  const connection = connectionOf(db)
  if (connection.engine === 'sqlite') return new Set()
  const { rows } = await connection.query(
    'select distinct index_name as name from information_schema.statistics where table_schema = database() and table_name = ?',
    [table],
  )
  return new Set(rows.map(({ name }) => name))
}

async function columnsOf(db: Reader, table: string): Promise<Set<unknown>> {
  const connection = connectionOf(db)
  const { rows } =
    connection.engine === 'mysql'
      ? await connection.query(
          'select column_name as name from information_schema.columns where table_schema = database() and table_name = ?',
          [table],
        )
      : await connection.query('select name from pragma_table_info(?)', [table])
  return new Set(rows.map(({ name }) => name))
}

function defaultText(engine: Engine, value: string | number | undefined): string {
  if (value === undefined) return ''
  const literal = typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
  // MySQL gives a text column no plain default, but takes an expression.
  return ` default ${engine === 'mysql' ? `(${literal})` : literal}`
}

function columnText(engine: Engine, name: string, column: Column): string {
  const optional = column.endsWith('?')
  const kind = (optional ? column.slice(0, -1) : column) as ColumnKind
  const quoted = engine === 'mysql' ? `\`${name}\`` : `"${name}"`
  return `${quoted} ${KINDS[kind][engine]}${optional ? ' null' : ' not null'}`
}

function tableStatements(engine: Engine, name: string, { columns, primary, unique = {}, indexes = {} }: Table): string[] {
  const q = engine === 'mysql' ? (text: string) => `\`${text}\`` : (text: string) => `"${text}"`
  const list = (names: string[]): string => `(${names.map(q).join(', ')})`
  const lines = Object.entries(columns).map(([column, kind]) => columnText(engine, column, kind))
  lines.push(`primary key ${list(primary)}`)
  if (engine === 'mysql') {
    // One statement: its implicit commit leaves the whole table or nothing.
    for (const [key, names] of Object.entries(unique)) lines.push(`unique key ${q(key)} ${list(names)}`)
    for (const [key, names] of Object.entries(indexes)) lines.push(`key ${q(key)} ${list(names)}`)
    return [
      `create table if not exists ${q(name)} (${lines.join(', ')}) engine = innodb default character set utf8mb4 collate utf8mb4_bin`,
    ]
  }
  return [
    `create table if not exists ${q(name)} (${lines.join(', ')}) strict`,
    ...Object.entries(unique).map(
      ([key, names]) => `create unique index if not exists ${q(`${name}_${key}`)} on ${q(name)} ${list(names)}`,
    ),
    ...Object.entries(indexes).map(
      ([key, names]) => `create index if not exists ${q(`${name}_${key}`)} on ${q(name)} ${list(names)}`,
    ),
  ]
}

/** Rows that a new installation starts with; `insert` must leave alone what is there. */
export function seed(name: string, run: (db: Reader) => Promise<void>): Step {
  return { name: `seed ${name}`, run }
}

export interface MigrationState {
  name: string
  /** `unknown`: a newer version of Beckon has made it. */
  state: 'applied' | 'partial' | 'pending' | 'unknown'
}

/** The database's schema is newer than this program. */
export class SchemaTooNew extends Error {}

/** What has been applied, oldest first, and then what only a newer program knows. */
export async function migrationStates(db: Database, migrations: Migration[]): Promise<MigrationState[]> {
  const applied = await appliedSteps(db.reader)
  const known = new Set(migrations.map((migration) => migration.name))
  const foreign = [...applied.keys()].filter((name) => !known.has(name)).sort()
  const states = migrations.map(({ name, steps }): MigrationState => {
    const done = applied.get(name)?.size ?? 0
    return { name, state: done === 0 ? 'pending' : done < steps.length ? 'partial' : 'applied' }
  })
  return [...states, ...foreign.map((name): MigrationState => ({ name, state: 'unknown' }))]
}

/** Refuses a schema that a newer program has made: this one would write what that one does not expect. Throws `SchemaTooNew`. */
export function requireKnown(states: readonly MigrationState[]): void {
  const newest = states.findLast(({ state }) => state === 'unknown')
  if (newest === undefined) return
  const wrong = `The database has migration ${newest.name}, which this version of Beckon does not know: a newer one has made it.`
  const todo = 'Start that version or a later one; `beckon db status` shows what the database has.'
  throw new SchemaTooNew(`${wrong} ${todo} To go back, restore the backup that was made before.`)
}

async function appliedSteps(db: Reader): Promise<Map<string, Set<string>>> {
  const applied = new Map<string, Set<string>>()
  if (!(await hasTable(db, 'schema_steps'))) return applied
  for (const { migration, step } of await db.selectFrom('schema_steps').select(['migration', 'step']).execute()) {
    const steps = applied.get(migration) ?? new Set()
    applied.set(migration, steps.add(step))
  }
  return applied
}

async function hasTable(db: Reader, table: string): Promise<boolean> {
  const { rows } =
    connectionOf(db).engine === 'mysql'
      ? await sql`select 1 as found from information_schema.tables where table_schema = database() and table_name = ${table}`.execute(
          db,
        )
      : await sql`select 1 as found from sqlite_schema where type = 'table' and name = ${table}`.execute(db)
  return rows.length > 0
}

// What a killed node holds is free again after this; renewed while a step runs, however long it takes.
const LOCK_MS = 20_000
const RENEW_MS = 5000
const PATIENCE_MS = 300_000

/** Applies what is missing, however many nodes start at once. Answers the names of the migrations that it finished. */
export async function migrate(
  db: Database,
  { migrations, clock, onStep }: { migrations: Migration[]; clock: Clock; onStep?: (migration: string, step: string) => void },
): Promise<string[]> {
  const states = await migrationStates(db, migrations)
  requireKnown(states)
  if (states.every(({ state }) => state === 'applied')) return []
  await writeAgain(db, prepareBooks)
  const owner = newId('mig')
  await takeLock(db, { owner, clock })
  const finished: string[] = []
  const renewal = setInterval(() => void db.write((tx) => holdLock(tx, { owner, clock })).catch(() => {}), RENEW_MS)
  try {
    const applied = await appliedSteps(db.reader)
    for (const { name, steps } of migrations) {
      const done = applied.get(name) ?? new Set()
      for (const step of steps) {
        if (done.has(step.name)) continue
        onStep?.(name, step.name)
        // The step and its mark commit together where DDL can; elsewhere the step is run again, which it allows.
        await writeAgain(db, async (tx) => {
          await step.run(tx)
          await tx.insertInto('schema_steps').values({ migration: name, step: step.name, applied_at: clock.now() }).execute()
          await holdLock(tx, { owner, clock })
        })
      }
      if (done.size < steps.length) finished.push(name)
    }
  } finally {
    clearInterval(renewal)
    await writeAgain(db, async (tx) => {
      await tx.updateTable('schema_lock').set({ owner: null, expires_at: 0 }).where('owner', '=', owner).execute()
    })
  }
  return finished
}

const WRITE_TRIES = 8

/** Writes, and again where another node was in the way: on Galera that shows only at the commit. All that is written here allows it. */
async function writeAgain<T>(db: Database, work: (tx: Reader) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.write(work)
    } catch (error) {
      if (!isTransient(error) || attempt === WRITE_TRIES) throw error
      await wait(attempt * 25)
    }
  }
}

async function prepareBooks(db: Reader): Promise<void> {
  await createTable('schema_steps', {
    columns: { migration: 'id', step: 'key', applied_at: 'time' },
    primary: ['migration', 'step'],
  }).run(db)
  await createTable('schema_lock', { columns: { id: 'int', owner: 'id?', expires_at: 'time' }, primary: ['id'] }).run(db)
  await insertIfAbsent(db, 'schema_lock', { id: 1, owner: null, expires_at: 0 })
}

/** Keeps the lock. Throws where it is another's by now: whoever stood still for so long must not go on. */
async function holdLock(tx: Reader, { owner, clock }: { owner: string; clock: Clock }): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('schema_lock')
    .set({ expires_at: clock.now() + LOCK_MS })
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows !== 1n) throw new Error('Another process has taken over the migration of the database. Start again.')
}

async function takeLock(db: Database, { owner, clock }: { owner: string; clock: Clock }): Promise<void> {
  const givenUp = Date.now() + PATIENCE_MS
  for (;;) {
    const taken = await writeAgain(db, async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('schema_lock')
        .set({ owner, expires_at: clock.now() + LOCK_MS })
        .where('id', '=', 1)
        .where('expires_at', '<', clock.now())
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    })
    if (taken) return
    if (Date.now() > givenUp) throw new Error('Another process has been migrating for five minutes. See `beckon db status`.')
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
