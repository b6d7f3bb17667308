import type { Command } from 'commander'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed } from './exit.ts'
import { showProgress } from './progress.ts'

const marks = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' }

/** `beckon mailbox check` */
export function mailboxCheck(command: Command): void {
  takeSettings(command)
    .description(
      'Connect to mailboxes as the server does, and say what is wrong and how to mend it. Nothing is changed or fetched.',
    )
    .argument('[address]', 'which mailbox (all without it)')
    .action(async (address: string | undefined) => {
      const config = configOf(command)
      const { requireMigrated, secretOf, withDatabase } = await import('./database.ts')
      const data = await withDatabase(config, async (database) => {
        await requireMigrated(database)
        const { createSecrets } = await import('../platform/secrets.ts')
        const { findMailboxByAddress, listMailboxes } = await import('../modules/mailboxes/index.ts')
        const { checkMailbox } = await import('../modules/receiving/index.ts')
        const db = database.reader
        const found = address === undefined ? await listMailboxes(db) : [await findMailboxByAddress(db, address)]
        const deps = {
          db,
          secrets: createSecrets(secretOf(config)),
          hasDoor: config.smtpListen !== undefined || config.lmtpListen !== undefined,
        }
        const bar = showProgress('checking', found.length)
        let done = 0
        return Promise.all(
          found.map(async (mailbox) => {
            if (!mailbox)
              throw new CommandFailed(`There is no mailbox ${address}: \`beckon mailbox list\` shows those that there are.`)
            const findings = await checkMailbox(mailbox, deps)
            bar.at(++done)
            return { id: mailbox.id, address: mailbox.address, ok: findings.every(({ state }) => state !== 'failed'), findings }
          }),
        ).finally(bar.end)
      })
      const lines = data.flatMap(({ address, findings }) => [
        address,
        ...findings.flatMap(({ check, state, detail, mend }) => [
          `  ${marks[state]}  ${check.padEnd(10)}  ${detail}`,
          ...(mend === null ? [] : [`${' '.repeat(23)}${mend}`]),
        ]),
      ])
      print(
        typedOf(command).format,
        { data },
        lines.length === 0 ? ['There is no mailbox: POST /v1/mailboxes makes one.'] : lines,
      )
      const failed = data.filter((one) => !one.ok)
      if (failed.length > 0) throw new CommandFailed(`${failed.map((one) => one.address).join(', ')}: see what is marked FAILED.`)
    })
}
