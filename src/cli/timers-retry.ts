import type { Command } from 'commander'
import { systemClock } from '../platform/clock.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** `beckon timers retry` */
export function timersRetry(command: Command): void {
  takeSettings(command)
    .description('Let timers that failed be tried again now. A running server picks them up within a second.')
    .argument('[ids...]', 'which (`beckon timers list` shows them)')
    .option('--all-dead', 'All that are dead.')
    .action(async (ids: string[], { allDead = false }: { allDead?: boolean }) => {
      if (allDead === ids.length > 0)
        throw new CommandFailed('Name the timers, or give --all-dead.', { exitCode: exitCodes.misused })
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const { retryTimers } = await import('../platform/timers.ts')
      const retried = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        const which = { ids: allDead ? ('all dead' as const) : ids, now: systemClock.now() }
        return database.write((db) => retryTimers(db, which))
      })
      print(typedOf(command).format, { retried }, [`${retried} to be tried again.`])
      if (retried < ids.length)
        throw new CommandFailed(
          `Of the ${ids.length} named, ${ids.length - retried} are not there, run just now, or are not due yet: \`beckon timers list --state due\` shows when.`,
        )
    })
}
