import type { Command } from 'commander'
import { configOf, print, takeSettings, typedOf } from './command.ts'

/** `beckon key rotate` */
export function keyRotate(command: Command): void {
  takeSettings(command)
    .description('Sign access tokens with a new key. Tokens of the old one are good until they expire.')
    .action(async () => {
      const { rotateSigningKey } = await import('../modules/accounts/index.ts')
      const { withHouse } = await import('./house.ts')
      const { kid } = await withHouse(configOf(command), (app, secrets) => app.transact((tx) => rotateSigningKey(tx, secrets)))
      print(typedOf(command).format, { kid }, [`New tokens are signed by ${kid}.`])
    })
}
