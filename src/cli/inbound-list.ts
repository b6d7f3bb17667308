import type { Command } from 'commander'
import { Option } from 'commander'
import type { InboundState } from '../modules/inbound/index.ts'
import { configOf, firstLine, print, readLimit, table, takeSettings, typedOf } from './command.ts'

const states: InboundState[] = ['received', 'parsed', 'routed', 'applied', 'ignored', 'quarantined', 'failed']

/** `beckon inbound list` */
export function inboundList(command: Command): void {
  takeSettings(command)
    .description('Show mails that came in, the newest first, and what became of them.')
    .addOption(new Option('--state <state...>', 'In which states (all without it).').choices(states))
    .option('--limit <number>', 'How many at most.', readLimit, 50)
    .action(async ({ state = [], limit }: { state?: InboundState[]; limit: number }) => {
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const { listInboundMails, toInboundMail } = await import('../modules/inbound/index.ts')
      const rows = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        return listInboundMails(database.reader, { states: state, limit })
      })
      const data = rows.map(toInboundMail)
      const cells = data.map((mail) => [
        mail.id,
        mail.received_at,
        mail.state,
        mail.reason ?? mail.classification ?? '',
        mail.from ?? '',
        firstLine(mail.subject).slice(0, 50),
      ])
      const head = ['id', 'received', 'state', 'why', 'from', 'subject']
      print(typedOf(command).format, { data }, data.length === 0 ? ['There is none.'] : table(head, cells))
    })
}
