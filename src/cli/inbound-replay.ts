import type { Command } from 'commander'
import { Problem } from '../platform/problems.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed } from './exit.ts'

/** `beckon inbound replay` */
export function inboundReplay(command: Command): void {
  takeSettings(command)
    .description(
      'Have mails worked on from the start once more; what they did is not done twice. A running server picks them up within a second.',
    )
    .argument('<ids...>', 'which (`beckon inbound list` shows them)')
    .action(async (ids: string[]) => {
      const { withHouse } = await import('./house.ts')
      const { replayMail } = await import('../modules/inbound/index.ts')
      const { systemActor } = await import('../platform/actor.ts')
      const replayed = await withHouse(configOf(command), (app) =>
        app.transact(async (tx) => {
          for (const id of ids) await replayMail(tx, systemActor, { id }).catch((error) => refuse(error, id))
          return ids.length
        }),
      )
      print(typedOf(command).format, { replayed }, [`${replayed} to be worked on again.`])
    })
}

/** One that cannot be replayed holds up the others: in one transaction it is all of them or none. */
function refuse(error: unknown, id: string): never {
  if (!(error instanceof Problem) || error.statusCode >= 500) throw error
  const why = error.statusCode === 404 ? 'there is no such mail.' : error.message
  throw new CommandFailed(`Nothing is worked on again. ${id}: ${why} \`beckon inbound list\` shows those that there are.`, {
    cause: error,
  })
}
