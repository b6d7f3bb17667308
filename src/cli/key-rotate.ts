import type { Command } from 'commander'
import { rotateSigningKey } from '../modules/accounts/index.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { withHouse } from './house.ts'

/** `beckon key rotate` */
export function keyRotate(command: Command): void {
  takeSettings(command)
    .description('Sign access tokens with a new key. Tokens of the old one are good until they expire.')
    .action(async () => {
      const { kid } = await withHouse(configOf(command), (app, secrets) => app.transact((tx) => rotateSigningKey(tx, secrets)))
      print(typedOf(command).format, { kid }, [`New tokens are signed by ${kid}.`])
    })
}
