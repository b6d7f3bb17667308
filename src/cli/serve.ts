import { createServer } from 'node:net'
import type { Command } from 'commander'
import type { App } from '../app.ts'
import { type Config, loadConfig } from '../config.ts'
import type { Logger } from '../platform/log.ts'
import { version } from '../version.ts'
import { takeSettings, typedOf } from './command.ts'
import { CommandFailed } from './exit.ts'
import { listenOn } from './listening.ts'
import { offerSetup } from './setup-link.ts'
import { stopOnSignal } from './stop.ts'

const PATIENCE_SECONDS = 15

/** `beckon serve` */
export function serve(command: Command): void {
  takeSettings(command, { areShown: true })
    .description('Run the server until it is told to stop (SIGTERM or Ctrl+C).')
    .action(async () => {
      const config = await withRealPort(typedOf(command).sources)
      const { createLog } = await import('../platform/log.ts')
      const log = createLog({ level: config.logLevel, format: config.logFormat })
      process.on('uncaughtException', (err) => {
        log.fatal({ err }, 'a bug: nobody caught this')
        process.exit(1)
      })
      const { openHouse } = await import('./house.ts')
      const app = await openHouse({ config, log, patienceSeconds: PATIENCE_SECONDS, slowQueryMs: config.slowQueryMs })
      const { shutdownSeconds: seconds, drainSeconds } = config
      const stopped = stopOnSignal({ log, seconds, drainSeconds, retire: app.retire, close: () => closeSoon(app) })
      await listen(app, config)
      await greet(app, config, log)
      await stopped
    })
}

/** Closes the app, and each connection as soon as its last request is answered, instead of waiting for the caller to hang up. */
async function closeSoon(app: App): Promise<void> {
  const sweep = setInterval(() => app.server.server.closeIdleConnections(), 100)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
  }
}

/** With port 0 a free one is looked for beforehand, so that links in mails name it. */
async function withRealPort(sources: Parameters<typeof loadConfig>[0]): Promise<Config> {
  const config = loadConfig(sources)
  if (config.port !== 0) return config
  const probe = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  probe.once('error', (error) => reject(failureToListen(error, config)))
  probe.listen(0, config.host, () => {
    const address = probe.address()
    probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
  })
  return loadConfig({ ...sources, flags: { ...sources.flags, port: String(await promise) } })
}

async function listen(app: App, config: Config): Promise<void> {
  const { WrongSecret } = await import('../modules/accounts/index.ts')
  try {
    // Better told now than to everybody who signs in.
    await app.accounts.checkSecret()
    await listenOn(app.server, config)
    await openDoors(app)
  } catch (error) {
    await app.close()
    if (error instanceof CommandFailed) throw error
    throw error instanceof WrongSecret ? new CommandFailed(error.message, { cause: error }) : failureToListen(error, config)
  }
}

async function openDoors(app: App): Promise<void> {
  try {
    await app.openDoors()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandFailed(`Mail cannot be taken in: ${reason}. Correct BECKON_SMTP_LISTEN or BECKON_LMTP_LISTEN.`, { cause })
  }
}

async function greet(app: App, config: Config, log: Logger): Promise<void> {
  const { publicUrl, role } = config
  const { name } = app.database.product
  log.info({ version, role, url: publicUrl, host: config.host, port: config.port, database: name }, 'listening')
  // Nobody looks at a worker.
  if (role === 'worker') return
  if (process.stderr.isTTY) {
    const lines = [`Beckon ${version} listens at ${publicUrl} (${name})`, `  API reference   ${publicUrl}/docs`]
    if (app.server.hasRoute({ method: 'GET', url: '/dev/outbox' })) lines.push(`  kept mail       ${publicUrl}/dev/outbox`)
    process.stderr.write(`\n${lines.join('\n')}\n`)
  }
  await offerSetup({ link: await app.accounts.setupLink(), dataDir: config.dataDir, log })
}

function failureToListen(cause: unknown, { host, port }: Config): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return new CommandFailed(`Something else listens on ${host}, port ${port}: stop it, or choose another port with PORT.`, {
        cause,
      })
    case 'EACCES':
      return new CommandFailed(`This user may not listen on port ${port}: choose one from 1024 on with PORT.`, { cause })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CommandFailed(`This machine has no address ${host}: correct BECKON_HOST.`, { cause })
    default:
      return cause
  }
}
