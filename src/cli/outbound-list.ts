import type { Command } from 'commander'
import { Option } from 'commander'
import type { OutboundState } from '../modules/sending/index.ts'
import { configOf, firstLine, print, readLimit, table, takeSettings, typedOf } from './command.ts'

const states: OutboundState[] = ['queued', 'sending', 'sent', 'deferred', 'bounced', 'failed', 'suppressed', 'cancelled']

/** `beckon outbound list` */
export function outboundList(command: Command): void {
  takeSettings(command)
    .description('Show mail that goes out, newest first: to whom, how far it is, and what the mail server says.')
    .addOption(new Option('--state <state>', 'Only in this state.').choices(states))
    .option('--limit <number>', 'How many at most.', readLimit, 50)
    .action(async ({ state, limit }: { state?: OutboundState; limit: number }) => {
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const rows = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        const { listMails, toOutboundMail } = await import('../modules/sending/index.ts')
        return (await listMails(database.reader, { state, limit })).map(toOutboundMail)
      })
      const cells = rows.map(({ id, state: is, to, attempts, next_attempt_at, response, reason }) => [
        ...[id, is, to, String(attempts), next_attempt_at ?? '', firstLine(response ?? reason)],
      ])
      const nothing = state === undefined ? 'There is no mail.' : `None is ${state}.`
      const lines = cells.length === 0 ? [nothing] : table(['id', 'state', 'to', 'tries', 'next try', 'what was said'], cells)
      print(typedOf(command).format, { data: rows }, lines)
    })
}
