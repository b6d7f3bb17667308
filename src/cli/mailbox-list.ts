import type { Command } from 'commander'
import { configOf, firstLine, print, table, takeSettings, typedOf } from './command.ts'

/** `beckon mailbox list` */
export function mailboxList(command: Command): void {
  takeSettings(command)
    .description('Show the support addresses, and how they are read.')
    .action(async () => {
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const data = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        const { cursorOf, listMailboxes, toMailbox, toStatus } = await import('../modules/mailboxes/index.ts')
        const { systemClock } = await import('../platform/clock.ts')
        const db = database.reader
        return Promise.all(
          (await listMailboxes(db)).map(async (row) => ({
            ...toMailbox(row),
            status: toStatus(row, await cursorOf(db, row), systemClock.now()),
          })),
        )
      })
      const cells = data.map(({ address, name, enabled, imap, status }) => [
        address,
        name,
        enabled ? 'yes' : 'no',
        imap ? `${imap.user}@${imap.host}:${imap.port}/${imap.folder}` : '-',
        status.state,
        firstLine(status.last_error),
      ])
      const head = ['address', 'name', 'enabled', 'imap', 'state', 'last error']
      print(
        typedOf(command).format,
        { data },
        data.length === 0 ? ['There is no mailbox: POST /v1/mailboxes makes one.'] : table(head, cells),
      )
    })
}
