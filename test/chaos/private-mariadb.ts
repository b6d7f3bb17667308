// A MariaDB of the script's own: another process, folder and port than the machine's, so that it may be killed.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { runOn } from './engine.ts'
import { type Child, freePort, startChild, temporaryFolder } from './node.ts'

const runToEnd = promisify(execFile)
const UP_WITHIN_MS = 30_000

export interface PrivateServer {
  /** For `databaseOn`. */
  url: string
  port: number
  logFile: string
  /** Starts it and resolves when it takes connections. */
  start(more?: readonly string[]): Promise<void>
  /** Starts it and does not wait. */
  launch(more?: readonly string[]): void
  /** Runs its program until it ends by itself, and answers what it said. */
  run(more: readonly string[]): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Resolves when it has ended, by itself or not. */
  ended(): Promise<void>
  /** Ends it by this signal, and resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>
}

/** Prepares an empty MariaDB, which runs as nobody special; `settings` are further arguments of its program. */
export async function privateMariadb({
  folder = temporaryFolder(),
  settings = [],
  upWithinMs = UP_WITHIN_MS,
}: {
  folder?: string
  settings?: readonly string[]
  upWithinMs?: number
} = {}): Promise<PrivateServer> {
  const isRoot = process.getuid?.() === 0
  const asWhom = isRoot ? ['--user=mysql'] : []
  const data = join(folder, 'data')
  // Elsewhere than the data, which may lie on a full disk.
  const logFile = join(temporaryFolder(), 'mariadb.log')
  if (isRoot) execFileSync('chown', ['mysql', folder])
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asWhom],
    // Two of them at once use the same names in a folder for temporary files that they share.
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TMPDIR: folder } },
  )
  const port = await freePort()
  const program = ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd'].find((path) => existsSync(path)) ?? 'mariadbd'
  const parameters = [
    ...['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
    ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`],
    ...['--innodb-buffer-pool-size=64M', '--performance-schema=off', ...asWhom, ...settings],
  ]
  const env = { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: folder }
  const url = `mysql://root@127.0.0.1:${port}/mysql`
  let child: Child | undefined

  const launch = (more: readonly string[] = []): void => {
    child = startChild([program, ...parameters, ...more], { env, logFile })
  }
  return {
    ...{ url, port, logFile, launch },
    start: async (more) => {
      launch(more)
      const givenUp = performance.now() + upWithinMs
      for (;;) {
        try {
          return await runOn(url, 'select 1')
        } catch (error) {
          if (performance.now() > givenUp || child?.hasEnded()) throw error
          await wait(50)
        }
      }
    },
    run: async (more) => {
      const { stdout, stderr } = await runToEnd(program, [...parameters, ...more], { env })
      return stdout + stderr
    },
    kill: (signal) => child?.kill(signal),
    ended: async () => void (await child?.ended),
    end: async (signal) => {
      child?.kill(signal)
      await child?.ended
    },
  }
}
