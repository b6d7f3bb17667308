import { type Command, InvalidArgumentError } from 'commander'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed } from './exit.ts'

/** `beckon mail rotate-key` */
export function mailRotateKey(command: Command): void {
  takeSettings(command)
    .description(
      'Sign reply addresses and Message-IDs with a new key. Answers to older mail stay good until their key is retired.',
    )
    .option('--retire <number>', 'Take what this key signed for forged from now on, instead.', readNumber)
    .action(async ({ retire }: { retire?: number }) => {
      const { retireMailKey, rotateMailKey } = await import('../modules/mail/index.ts')
      const { withHouse } = await import('./house.ts')
      const { format } = typedOf(command)
      if (retire === undefined) {
        const key_id = await withHouse(configOf(command), (app) => app.transact(rotateMailKey))
        return print(format, { key_id }, [`New mail is signed with key ${key_id}.`])
      }
      const isRetired = await withHouse(configOf(command), (app) => app.transact((tx) => retireMailKey(tx, retire)))
      if (!isRetired)
        throw new CommandFailed(`Key ${retire} signs new mail, or never was. Rotate first, then retire the old one.`)
      print(format, { retired: retire }, [
        `Key ${retire} is retired: answers to mail that it signed are strangers' mail from now on.`,
      ])
    })
}

function readNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Give the number of a key.')
  return number
}
