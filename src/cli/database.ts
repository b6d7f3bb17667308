import { setTimeout as wait } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { migrations } from '../migrations.ts'
import { systemClock } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import { isAway } from '../platform/database/errors.ts'
import { migrate, migrationStates, requireKnown, SchemaTooNew } from '../platform/database/migrate.ts'
import { UnusableDatabase } from '../platform/database/mysql.ts'
import { openDatabase } from '../platform/database/open.ts'
import { createLog, type Logger } from '../platform/log.ts'
import { secretInDirectory } from '../platform/secrets.ts'
import { CommandFailed } from './exit.ts'
import { showProgress } from './progress.ts'

/** What a command that is no server logs: warnings, on stderr. */
export function quietLog(): Logger {
  return createLog({ level: 'warn', format: 'auto', destination: process.stderr })
}

/**
 * Opens the database of the settings, or says in one sentence what to do. A server that does not answer is asked again for
 * `patienceSeconds`: databases often start at the same time as what needs them.
 */
export async function openConfigured(
  { database, databasePoolSize }: Config,
  {
    log = quietLog(),
    patienceSeconds = 0,
    slowQueryMs = 0,
  }: { log?: Logger; patienceSeconds?: number; slowQueryMs?: number } = {},
): Promise<Database> {
  const givenUp = performance.now() + patienceSeconds * 1000
  for (let tries = 1; ; tries++) {
    try {
      return await openDatabase(database, { poolSize: databasePoolSize, log, slowQueryMs })
    } catch (error) {
      if (database.engine !== 'mysql' || !isAway(error) || performance.now() > givenUp) throw failureToOpen(database, error)
      if (tries === 1) log.warn({ host: database.host, port: database.port }, 'the database does not answer yet; trying again')
      await wait(500)
    }
  }
}

/** Runs `work` on the open database, which is closed whatever happens. */
export async function withDatabase<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openConfigured(config)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Applies what is missing of the schema. On a terminal a bar on stderr says how far it is, and which step runs. */
export async function migrateConfigured(database: Database): Promise<string[]> {
  const steps = migrations.flatMap(({ name, steps }) => steps.map((step) => `${name}, ${step.name}`))
  const bar = showProgress('migrating', steps.length, { redrawnMs: 0 })
  const onStep = (migration: string, step: string): void =>
    bar.at(steps.indexOf(`${migration}, ${step}`), `${migration}, ${step}`)
  try {
    return await migrate(database, { migrations, clock: systemClock, onStep })
  } catch (error) {
    if (error instanceof SchemaTooNew) throw new CommandFailed(error.message, { cause: error })
    throw error
  } finally {
    bar.end()
  }
}

/** Refuses a database whose schema is not that of this program. */
export async function requireMigrated(database: Database): Promise<void> {
  const states = await migrationStates(database, migrations)
  try {
    requireKnown(states)
  } catch (cause) {
    throw cause instanceof SchemaTooNew ? new CommandFailed(cause.message, { cause }) : cause
  }
  if (states.some(({ state }) => state !== 'applied'))
    throw new CommandFailed('The database does not have the schema of this version: run `beckon db migrate` first.')
}

/** The secret of the installation: that of the settings, or the one that is kept in the data folder. */
export function secretOf({ secret, dataDir }: Config): string {
  if (secret !== undefined) return secret
  try {
    return secretInDirectory(dataDir)
  } catch (error) {
    const wrong = `The secret in the data folder ${dataDir} cannot be read or made (${reasonOf(error)})`
    throw new CommandFailed(`${wrong}: let this user write there, or set BECKON_DATA_DIR.`, { cause: error })
  }
}

// Access denied; the database does not exist, or is not for this user.
const REFUSED = new Set([1045, 1698])
const NO_SUCH_DATABASE = new Set([1044, 1049])

function failureToOpen(address: Config['database'], cause: unknown): Error {
  if (cause instanceof UnusableDatabase) return new CommandFailed(cause.message, { cause })
  if (address.engine === 'sqlite') {
    const wrong = `The database file ${address.path} cannot be opened (${reasonOf(cause)})`
    return new CommandFailed(`${wrong}: let this user write in its folder, or set BECKON_DATA_DIR.`, { cause })
  }
  const { host, port, database } = address
  const errno = cause instanceof Error && 'errno' in cause ? Number(cause.errno) : 0
  const server = `The database server at ${host}:${port}`
  if (REFUSED.has(errno)) return new CommandFailed(`${server} refuses the user or the password: correct them.`, { cause })
  if (NO_SUCH_DATABASE.has(errno)) {
    const todo = `create database \`${database}\` character set utf8mb4 collate utf8mb4_bin`
    return new CommandFailed(`${server} has no database ${database} for this user: make it with \`${todo}\`.`, { cause })
  }
  const todo = 'start it, or correct DATABASE_URL (the setting BECKON_DATABASE_TLS, if it speaks of TLS or certificates)'
  return new CommandFailed(`${server} does not answer (${reasonOf(cause)}): ${todo}.`, { cause })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && !String(error.code).startsWith('ERR_') ? String(error.code) : error.message
}
