import { isIP } from 'node:net'
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed, exitCodes } from './exit.ts'

const TIMEOUT_MS = 5000

/** `beckon health` */
export function health(command: Command): void {
  takeSettings(command)
    .description('Ask the running server whether it is ready: for the health check of a container.')
    .option('--url <url>', 'Where it listens; else what the settings say.')
    .action(async ({ url }: { url?: string }) => {
      const address = new URL(
        '/readyz',
        addressOf(url, () => configOf(command)),
      )
      const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' }).catch((cause) => {
        throw new CommandFailed(
          `Nothing answers at ${address.origin}: start the server with \`beckon serve\`, or say where it listens with --url.`,
          { exitCode: exitCodes.notReady, cause },
        )
      })
      await answer.body?.cancel()
      if (!answer.ok)
        throw new CommandFailed(`${address} answers ${answer.status}: it is not ready; its log says why.`, {
          exitCode: exitCodes.notReady,
        })
      print(typedOf(command).format, { status: 'ok', url: address.href }, ['ok'])
    })
}

function addressOf(url: string | undefined, config: () => Config): URL {
  if (url !== undefined) {
    const given = URL.parse(url)
    if (given === null || !/^https?:$/.test(given.protocol))
      throw new CommandFailed(`--url: ${JSON.stringify(url)} is not an http URL.`, { exitCode: exitCodes.misused })
    return given
  }
  const { host, port } = config()
  if (port === 0)
    throw new CommandFailed('With port 0 only the server knows where it listens: give --url.', { exitCode: exitCodes.misused })
  return new URL(`http://${reachable(host)}:${port}`)
}

/** Nobody can connect to "all addresses"; on this machine loopback is one of them. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return isIP(host) === 6 ? `[${host}]` : host
}
