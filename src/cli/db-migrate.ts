import type { Command } from 'commander'
import { configOf, print, takeSettings, typedOf } from './command.ts'

/** `beckon db migrate` */
export function dbMigrate(command: Command): void {
  takeSettings(command)
    .description('Bring the schema of the database up to this version. `serve` does it by itself.')
    .action(async () => {
      const { migrateConfigured, withDatabase } = await import('./database.ts')
      const applied = await withDatabase(configOf(command), migrateConfigured)
      const lines = applied.length === 0 ? ['Nothing to do.'] : applied.map((name) => `applied ${name}`)
      print(typedOf(command).format, { applied }, lines)
    })
}
