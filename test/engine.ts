import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { readDatabaseUrl } from '../src/config-database.ts'
import { FIRST_LIFECYCLE } from '../src/migrations/0003-workflow.ts'
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

const SEEDED = new Set(['schema_steps', 'schema_lock', 'settings'])

async function emptyTables(address: DatabaseAddress & { engine: 'mysql' }): Promise<void> {
  const { host, port, user, password, database } = address
  const connection = await createConnection({ host, port, user, password, database, multipleStatements: true })
  const [rows] = await connection.query('select table_name as name from information_schema.tables where table_schema = ?', [
    database,
  ])
  // The driver's type is wider than a select's answer.
  const tables = (rows as { name: string }[]).map(({ name }) => name).filter((name) => !SEEDED.has(name))
  const statements = tables.map((name) => {
    if (name === 'log_head') return 'update log_head set position = 0, floor = 0'
    if (name === 'lifecycles') return `delete from lifecycles where id <> '${FIRST_LIFECYCLE}'`
    if (name === 'queues') return 'delete from queues where id not in (select default_queue_id from settings)'
    return `delete from ${name}`
  })
  statements.push(
    "update settings set registration = 'open', message_edit_seconds = 900, close_solved_after_days = 7, agents_answer_by_mail = 0, mail_locale = 'en', version = 1",
    `update settings set default_lifecycle_id = '${FIRST_LIFECYCLE}'`,
    `update queues set lifecycle_id = '${FIRST_LIFECYCLE}'`,
  )
  statements.push(
    "update queues set `key` = 'general', name = 'General', public = 1, archived_at = null, version = 1, external_id = null, assignment_mode = 'manual', assignment_order = 'due', claim_ttl_seconds = null, fallback = 'none', fallback_queue_id = null, reassign_on_away = 0, skill_relax_seconds = null, unverified_mail = 'new_ticket'",
  )
  // In one transaction: a commit for each table waits for the disk as often.
  await connection.query(['begin', ...statements, 'commit'].join('; '))
  await connection.end()
}
