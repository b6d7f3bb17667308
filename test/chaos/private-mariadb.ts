// A MariaDB of the script's own: another process, folder and port than the machine's, so that it may be killed.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runOn } from './engine.ts'
import { type Child, freePort, startChild, temporaryFolder } from './node.ts'

const UP_WITHIN_MS = 30_000

export interface PrivateServer {
  /** For `databaseOn`. */
  url: string
  /** Starts it and resolves when it takes connections. */
  start(): Promise<void>
  /** Starts it and does not wait. */
  launch(): void
  kill(signal: NodeJS.Signals): void
  /** Ends it by this signal, and resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>
}

/** Prepares an empty MariaDB, which runs as nobody special. */
export async function privateMariadb(): Promise<PrivateServer> {
  const folder = temporaryFolder()
  const isRoot = process.getuid?.() === 0
  const asWhom = isRoot ? ['--user=mysql'] : []
  const data = join(folder, 'data')
  if (isRoot) execFileSync('chown', ['mysql', folder])
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asWhom],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const port = await freePort()
  const program = ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd'].find((path) => existsSync(path)) ?? 'mariadbd'
  const command = [
    ...[program, '--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
    ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`],
    ...['--innodb-buffer-pool-size=64M', '--performance-schema=off', ...asWhom],
  ]
  const url = `mysql://root@127.0.0.1:${port}/mysql`
  let child: Child | undefined

  const launch = (): void => {
    child = startChild(command, { env: { PATH: process.env.PATH ?? '', HOME: folder }, logFile: join(folder, 'mariadb.log') })
  }
  return {
    url,
    launch,
    start: async () => {
      launch()
      const givenUp = performance.now() + UP_WITHIN_MS
      for (;;) {
        try {
          return await runOn(url, 'select 1')
        } catch (error) {
          if (performance.now() > givenUp || child?.hasEnded()) throw error
          await wait(50)
        }
      }
    },
    kill: (signal) => child?.kill(signal),
    end: async (signal) => {
      child?.kill(signal)
      await child?.ended
    },
  }
}
