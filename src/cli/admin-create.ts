import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { checkEmail, readPassword } from '../config-values.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** `beckon admin create` */
export function adminCreate(command: Command): void {
  takeSettings(command)
    .description('Make an admin who can sign in at once. The password is asked for, or read from a pipe; never a flag.')
    .requiredOption('--email <address>', 'The address of the new admin.')
    .action(async ({ email }: { email: string }) => {
      const config = configOf(command)
      const wrong = checkEmail(email)
      if (wrong) throw misused('--email', wrong)
      const password = await askPassword()
      const reading = readPassword(password)
      if ('wrong' in reading) throw misused('The password', reading)
      const { findUserByEmail } = await import('../modules/directory/index.ts')
      const { withHouse } = await import('./house.ts')
      const { id, existed } = await withHouse(config, async ({ database, accounts }) => {
        const before = await findUserByEmail(database.reader, email)
        await accounts.prepare({ email, password })
        const user = await findUserByEmail(database.reader, email)
        return { id: user?.id, existed: before !== undefined }
      })
      const words = existed ? ': it had an account, and a password that this had stays' : ''
      print(typedOf(command).format, { id, email, existed }, [`${email} is an admin now (${id})${words}.`])
    })
}

function misused(what: string, { wrong, todo }: { wrong: string; todo: string }): CommandFailed {
  return new CommandFailed(`${what}: ${wrong} ${todo}`, { exitCode: exitCodes.misused })
}

/** From a terminal without showing it, from a pipe up to its end. */
async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  process.stderr.write('Password: ')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  lines.once('SIGINT', () => process.exit(130))
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
