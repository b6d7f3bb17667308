import type { Command } from 'commander'
import { systemClock } from '../platform/clock.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed } from './exit.ts'

/** `beckon outbound cancel` */
export function outboundCancel(command: Command): void {
  takeSettings(command)
    .description('Call mail back that has not left.')
    .argument('<ids...>', 'which (`beckon outbound list` shows them)')
    .action(async (ids: string[]) => {
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const { cancelMailsById } = await import('../modules/sending/index.ts')
      const cancelled = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        return database.write((db) => cancelMailsById(db, { ids, now: systemClock.now() }))
      })
      print(typedOf(command).format, { cancelled }, [`${cancelled} called back.`])
      if (cancelled < ids.length)
        throw new CommandFailed(
          `Of the ${ids.length} named, ${ids.length - cancelled} do not wait any more, or do not exist: \`beckon outbound list\` says how far each is.`,
        )
    })
}
