import type { Command } from 'commander'
import { systemClock } from '../platform/clock.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** `beckon outbound retry` */
export function outboundRetry(command: Command): void {
  takeSettings(command)
    .description('Send mail now that waits or has ended without being taken. A running server picks it up within a second.')
    .argument('[ids...]', 'which (`beckon outbound list` shows them)')
    .option('--all-failed', 'All that failed or bounced.')
    .action(async (ids: string[], { allFailed = false }: { allFailed?: boolean }) => {
      if (allFailed === ids.length > 0)
        throw new CommandFailed('Name the mails, or give --all-failed.', { exitCode: exitCodes.misused })
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const { retryMails } = await import('../modules/sending/index.ts')
      const retried = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        const which = { ids: allFailed ? ('all failed' as const) : ids, now: systemClock.now() }
        return database.write((db) => retryMails(db, which))
      })
      print(typedOf(command).format, { retried }, [`${retried} to be sent again.`])
      if (retried < ids.length)
        throw new CommandFailed(
          `Of the ${ids.length} named, ${ids.length - retried} are sent, are being sent, or do not exist: \`beckon outbound list\` says how far each is.`,
        )
    })
}
