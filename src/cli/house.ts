import { type App, openApp } from '../app.ts'
import type { Config } from '../config.ts'
import { systemClock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import { createSecrets, type Secrets } from '../platform/secrets.ts'
import { migrateConfigured, openConfigured, quietLog, secretOf } from './database.ts'

/** Opens the whole house on the database of the settings, which gets the schema of this version. */
export async function openHouse({
  config,
  log,
  patienceSeconds = 0,
  slowQueryMs = 0,
}: {
  config: Config
  log: Logger
  patienceSeconds?: number
  slowQueryMs?: number
}): Promise<App> {
  const secret = secretOf(config)
  const database = await openConfigured(config, { log, patienceSeconds, slowQueryMs })
  try {
    const migrations = await migrateConfigured(database)
    if (migrations.length > 0) log.info({ migrations }, 'the database has the schema of this version')
    return await openApp({ config, database, clock: systemClock, log, secret })
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Runs `work` in a house that is open for it alone; another one may serve the same database meanwhile. */
export async function withHouse<T>(config: Config, work: (app: App, secrets: Secrets) => Promise<T>): Promise<T> {
  const app = await openHouse({ config, log: quietLog() })
  try {
    return await work(app, createSecrets(secretOf(config)))
  } finally {
    await app.close()
  }
}
