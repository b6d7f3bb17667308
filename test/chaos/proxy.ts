// A HAProxy of the script's own in front of several nodes, as one would set it up for them.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, freePort, startChild, temporaryFolder } from './node.ts'

const PROGRAM = '/usr/sbin/haproxy'
const UP_WITHIN_MS = 10_000
const CHECK_MS = 500
const FALL = 2

/** How long a node must go on serving after its `/readyz` says no, until nothing is sent to it any more. */
export const NOTICED_AFTER_MS = CHECK_MS * (FALL + 1)

export interface Proxy {
  url: string
  /** Resolves when it holds all nodes for ready. */
  allUp(): Promise<void>
}

/** What to do before this can run; undefined where nothing is missing. */
export function whatProxyNeeds(): string | undefined {
  return existsSync(PROGRAM) ? undefined : 'Missing: haproxy. On Debian: apt-get install -y --no-install-recommends haproxy'
}

export async function startProxy(ports: readonly number[]): Promise<Proxy> {
  const folder = temporaryFolder()
  const [port, statsPort] = [await freePort(), await freePort()]
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, settings({ ports, port, statsPort }))
  const child: Child = startChild([PROGRAM, '-db', '-f', file], {
    env: { PATH: process.env.PATH ?? '' },
    logFile: join(folder, 'haproxy.log'),
  })
  const allUp = async (): Promise<void> => {
    for (const givenUp = performance.now() + UP_WITHIN_MS; ; await wait(50)) {
      const states = await statesOf(statsPort)
      if (states.length === ports.length && states.every((state) => state === 'UP')) return
      if (child.hasEnded()) throw new Error('HAProxy ended at its start')
      if (performance.now() > givenUp) throw new Error(`HAProxy holds its nodes for ${states.join()}`)
    }
  }
  await allUp()
  return { url: `http://127.0.0.1:${port}`, allUp }
}

/** Nothing here is special: a health check, another try where no connection came about, and long enough for streams. */
function settings({ ports, port, statsPort }: { ports: readonly number[]; port: number; statsPort: number }): string {
  const servers = ports.map((port, i) => `  server node${i + 1} 127.0.0.1:${port} check`)
  return `defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  retries 3
  option redispatch 1
  default-server inter ${CHECK_MS}ms fall ${FALL} rise 1

frontend clients
  bind 127.0.0.1:${port}
  default_backend beckon

backend beckon
  balance roundrobin
  option httpchk GET /readyz
${servers.join('\n')}

frontend states
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /states
`
}

async function statesOf(port: number): Promise<string[]> {
  const url = `http://127.0.0.1:${port}/states;csv`
  const found = await fetch(url, { signal: AbortSignal.timeout(2000) })
    .then((answer) => answer.text())
    .catch(() => '')
  const [head = '', ...lines] = found.split('\n')
  const columns = head.replace(/^# /, '').split(',')
  const [name, state] = [columns.indexOf('svname'), columns.indexOf('status')]
  return lines.map((line) => line.split(',')).flatMap((cells) => (cells[name]?.startsWith('node') ? [cells[state] ?? ''] : []))
}
