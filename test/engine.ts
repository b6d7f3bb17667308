import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, createConnection } from 'mysql2/promise'
import { readDatabaseUrl } from '../src/config-database.ts'
import { migrations } from '../src/migrations.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { Database } from '../src/platform/database/database.ts'
import { migrate } from '../src/platform/database/migrate.ts'
import { type DatabaseAddress, openDatabase } from '../src/platform/database/open.ts'
import { createLog } from '../src/platform/log.ts'

/** The server that the suite runs on: `TEST_DATABASE_URL`, or SQLite. Its user must be allowed to create databases. */
export const serverUrl = process.env.TEST_DATABASE_URL

const quiet = createLog({ level: 'silent', format: 'json' })
const folder = mkdtempSync(join(tmpdir(), 'beckon-test-'))
let fresh: Promise<DatabaseAddress> | undefined
let files = 0

process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** A database without any table, for tests of migrations; dropped by the caller on a server. */
export async function unmigratedDatabase(): Promise<{ open: () => Promise<Database>; drop: () => Promise<void> }> {
  if (!serverUrl) {
    const address: DatabaseAddress = { engine: 'sqlite', path: join(folder, `${++files}-unmigrated.db`), synchronous: 'OFF' }
    return { open: () => openDatabase(address, { poolSize: 2, log: quiet }), drop: async () => {} }
  }
  const { address, run } = serverAddress(serverUrl, `beckon_test_${process.pid}_${++files}`)
  await run(`create database ${address.database} character set utf8mb4 collate utf8mb4_bin`)
  return { open: () => openDatabase(address, { poolSize: 4, log: quiet }), drop: () => run(`drop database ${address.database}`) }
}

/**
 * An empty, migrated database of its own: a copy of one file on SQLite, an emptied database elsewhere. There it is the same one for a
 * whole process, unless it is to stand `apart`, beside another that is in use.
 */
export async function freshDatabase(
  options: { synchronous?: 'FULL' | 'OFF'; apart?: boolean } = {},
): Promise<{ address: DatabaseAddress; open: () => Promise<Database> }> {
  if (serverUrl && options.apart) {
    const address = await createOnServer(serverUrl, `beckon_test_${process.pid}_${++files}`)
    return { address, open: () => openDatabase(address, { poolSize: 8, log: quiet }) }
  }
  fresh ??= serverUrl ? createOnServer(serverUrl) : createFile()
  let address = await fresh
  if (address.engine === 'sqlite') {
    const path = join(folder, `${++files}.db`)
    copyFileSync(address.path, path)
    address = { engine: 'sqlite', path, synchronous: options.synchronous ?? 'OFF' }
  } else await emptyTables(address)
  const chosen = address
  return { address: chosen, open: () => openDatabase(chosen, { poolSize: 8, log: quiet }) }
}

async function createFile(): Promise<DatabaseAddress> {
  const address: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'template.db'), synchronous: 'OFF' }
  const database = await openDatabase(address, { poolSize: 1, log: quiet })
  await migrate(database, { migrations, clock: systemClock })
  await database.close()
  return address
}

async function createOnServer(url: string, name = `beckon_test_${process.pid}`): Promise<DatabaseAddress> {
  const { address, run } = serverAddress(url, name)
  await run(`drop database if exists ${address.database}`)
  await run(`create database ${address.database} character set utf8mb4 collate utf8mb4_bin`)
  process.on(
    'beforeExit',
    dropOnce(() => run(`drop database if exists ${address.database}`)),
  )
  const database = await openDatabase(address, { poolSize: 2, log: quiet })
  await migrate(database, { migrations, clock: systemClock })
  await database.close()
  return address
}

/** A database of this name on the server, and a way to run a statement outside it. */
function serverAddress(
  url: string,
  name: string,
): { address: DatabaseAddress & { engine: 'mysql' }; run: (sql: string) => Promise<void> } {
  const server = readDatabaseUrl(url)
  if (!('value' in server) || server.value.engine !== 'mysql') throw new Error('TEST_DATABASE_URL must be mysql://…')
  const { host, port, user, password, tls } = server.value
  return {
    address: { engine: 'mysql', host, port, user, password, database: name, tls: tls ?? 'off' },
    run: async (sql) => {
      const connection = await createConnection({ host, port, user, password })
      await connection.query(sql)
      await connection.end()
    },
  }
}

function dropOnce(drop: () => Promise<void>): () => void {
  let dropped = false
  return () => {
    if (dropped) return
    dropped = true
    drop().catch(() => {})
  }
}

const SCHEMA = new Set(['schema_steps', 'schema_lock'])
// What the migrations wrote, by table: every desk begins with it.
let seeds: Map<string, object[]> | undefined

/** Puts a database back to what the migrations left, in one transaction: a commit for each table waits for the disk as often. */
async function emptyTables({ host, port, user, password, database }: DatabaseAddress & { engine: 'mysql' }): Promise<void> {
  const connection = await createConnection({ host, port, user, password, database, multipleStatements: true })
  const [rows] = await connection.query('select table_name as name from information_schema.tables where table_schema = ?', [
    database,
  ])
  // The driver's type is wider than a select's answer.
  const tables = (rows as { name: string }[]).map(({ name }) => name).filter((name) => !SCHEMA.has(name))
  seeds ??= await readSeeds(connection, tables)
  const statements = tables.flatMap((name) => [
    `delete from ${name}`,
    ...(seeds?.get(name) ?? []).map((row) => connection.format(`insert into ${name} set ?`, [row])),
  ])
  await connection.query(['begin', ...statements, 'commit'].join('; '))
  await connection.end()
}

/** The rows of a database that was migrated, and to which nothing else happened. */
async function readSeeds(connection: Connection, tables: readonly string[]): Promise<Map<string, object[]>> {
  const found = new Map<string, object[]>()
  for (const name of tables) {
    // MySQL's JSON as it is written, as the other columns.
    const [rows] = await connection.query({
      sql: `select * from ${name}`,
      typeCast: (field, next) => (field.type === 'JSON' ? field.string('utf8') : next()),
    })
    found.set(name, rows as object[]) // as above
  }
  return found
}
