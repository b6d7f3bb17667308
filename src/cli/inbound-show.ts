import type { Command } from 'commander'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed } from './exit.ts'

/** `beckon inbound show` */
export function inboundShow(command: Command): void {
  takeSettings(command)
    .description('Show one mail that came in, with every step and decision.')
    .argument('<id>', 'which (`beckon inbound list` shows them)')
    .action(async (id: string) => {
      const { requireMigrated, withDatabase } = await import('./database.ts')
      const { findInboundMail, toExplainedMail } = await import('../modules/inbound/index.ts')
      const row = await withDatabase(configOf(command), async (database) => {
        await requireMigrated(database)
        return findInboundMail(database.reader, id)
      })
      if (!row) throw new CommandFailed(`There is no inbound mail ${id}: \`beckon inbound list\` shows those that there are.`)
      const { explain = [], ...mail } = toExplainedMail(row)
      const facts = Object.entries(mail).filter(([name, value]) => name !== 'object' && value !== null)
      const lines = [
        ...facts.map(([name, value]) => `${name.padEnd(18)}${Array.isArray(value) ? value.join(', ') : value}`),
        '',
        ...explain.map(
          ({ step, at, ...found }) => `${String(at ?? '').padEnd(26)}${String(step).padEnd(15)}${JSON.stringify(found)}`,
        ),
      ]
      print(typedOf(command).format, { ...mail, explain }, lines)
    })
}
