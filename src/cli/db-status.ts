import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import type { MigrationState } from '../platform/database/migrate.ts'
import { configOf, print, table, takeSettings, typedOf } from './command.ts'

/** `beckon db status` */
export function dbStatus(command: Command): void {
  takeSettings(command)
    .description('Show which migrations the database has. Changes nothing.')
    .action(async () => {
      const states = await statesOf(configOf(command))
      const rows = states.map(({ name, state }) => [name, state])
      print(typedOf(command).format, { migrations: states }, table(['migration', 'state'], rows))
    })
}

async function statesOf(config: Config): Promise<MigrationState[]> {
  const { migrations } = await import('../migrations.ts')
  const { migrationStates } = await import('../platform/database/migrate.ts')
  const { withDatabase } = await import('./database.ts')
  const { database } = config
  // Opening it would make the file.
  if (database.engine === 'sqlite' && !existsSync(database.path))
    return migrations.map(({ name }) => ({ name, state: 'pending' }))
  return withDatabase(config, (open) => migrationStates(open, migrations))
}
