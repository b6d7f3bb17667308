import type { Command } from 'commander'
import { configOf, print, takeSettings, typedOf } from './command.ts'

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
          for (const id of ids) await replayMail(tx, systemActor, { id })
          return ids.length
        }),
      )
      print(typedOf(command).format, { replayed }, [`${replayed} to be worked on again.`])
    })
}
