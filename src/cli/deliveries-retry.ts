import type { Command } from 'commander'
import { systemClock } from '../platform/clock.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** `beckon deliveries retry` */
export function deliveriesRetry(command: Command): void {
  takeSettings(command)
    .description('Let dead or waiting deliveries be tried again now. A running server picks them up within a second.')
    .argument('[ids...]', 'which (`beckon deliveries list` shows them)')
    .option('--all-dead', 'All that are dead.')
    .action(async (ids: string[], { allDead = false }: { allDead?: boolean }) => {
      if (allDead === ids.length > 0)
        throw new CommandFailed('Name the deliveries, or give --all-dead.', { exitCode: exitCodes.misused })
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const { retryDeliveries } = await import('../platform/deliver.ts')
      const retried = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        const which = { ids: allDead ? ('all dead' as const) : ids, now: systemClock.now() }
        return database.write((db) => retryDeliveries(db, which))
      })
      print(typedOf(command).format, { retried }, [`${retried} to be tried again.`])
      if (retried < ids.length)
        throw new CommandFailed(`Of the ${ids.length} named, ${ids.length - retried} neither wait nor are dead.`)
    })
}
