// Three MariaDB servers of the script's own that are one Galera cluster, on loopback.
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { freePort } from './node.ts'
import { type PrivateServer, privateMariadb } from './private-mariadb.ts'

const PROVIDERS = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so']
const provider = PROVIDERS.find((path) => existsSync(path))
const UP_WITHIN_MS = 60_000
const SYNCED_WITHIN_MS = 60_000

export interface Member {
  name: string
  /** For `databaseOn`. */
  url: string
  kill(): Promise<void>
  /** Starts it from where it was, and resolves when it has caught up with the others. */
  comeBack(): Promise<void>
  /** What the server says of the cluster: `wsrep_cluster_size` and the like. */
  status(name: string): Promise<string>
  stop(): Promise<void>
}

/** What to do before this can run; undefined where nothing is missing. */
export function whatGaleraNeeds(): string | undefined {
  const packages = [
    ...(provider === undefined ? ['galera-4'] : []),
    ...(existsSync('/usr/sbin/mariadbd') ? [] : ['mariadb-server']),
    ...(existsSync('/usr/bin/rsync') ? [] : ['rsync']),
  ]
  return packages.length === 0
    ? undefined
    : `Missing: ${packages.join(', ')}. On Debian: apt-get install -y ${packages.join(' ')}`
}

/** Starts a cluster of three, whose settings are Galera's own but for what loopback needs. */
export async function startCluster(): Promise<Member[]> {
  const ports: { group: number; state: number; increments: number }[] = []
  for (let i = 0; i < 3; i++) ports.push({ group: await freePort(), state: await freePort(), increments: await freePort() })
  const address = `gcomm://${ports.map(({ group }) => `127.0.0.1:${group}`).join(',')}`
  const members: Member[] = []
  for (const [i, { group, state, increments }] of ports.entries()) {
    const settings = [
      ...['--wsrep-on=ON', `--wsrep-provider=${provider}`, '--wsrep-cluster-name=chaos', `--wsrep-node-name=member${i + 1}`],
      ...[
        `--wsrep-node-address=127.0.0.1:${group}`,
        '--wsrep-sst-method=rsync',
        `--wsrep-sst-receive-address=127.0.0.1:${state}`,
      ],
      `--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${increments};gcache.size=64M`,
      ...['--binlog-format=ROW', '--innodb-autoinc-lock-mode=2', '--innodb-flush-log-at-trx-commit=1'],
    ]
    const server = await privateMariadb({ settings, upWithinMs: UP_WITHIN_MS })
    const join = `--wsrep-cluster-address=${address}`
    await server.start(i === 0 ? [join, '--wsrep-new-cluster'] : [join])
    const member = memberOn(server, { name: `member${i + 1}`, join })
    await synced(member)
    members.push(member)
  }
  return members
}

function memberOn(server: PrivateServer, { name, join }: { name: string; join: string }): Member {
  const member: Member = {
    ...{ name, url: server.url },
    kill: () => server.end('SIGKILL'),
    comeBack: async () => {
      // As the service of the package does it: the position to go on from is that which InnoDB recovers.
      const found = /Recovered position: *([0-9a-f-]+:-?\d+)/.exec(
        await server.run([join, '--wsrep-recover', '--disable-log-error']),
      )?.[1]
      await server.start([join, ...(found === undefined ? [] : [`--wsrep-start-position=${found}`])])
      await synced(member)
    },
    status: (what) => ask(server.url, `show global status like '${what}'`),
    stop: () => server.end('SIGTERM'),
  }
  return member
}

async function synced(member: Member): Promise<void> {
  for (const givenUp = performance.now() + SYNCED_WITHIN_MS; ; await wait(50)) {
    const state = await member.status('wsrep_local_state_comment').catch((error: Error) => error.message)
    if (state === 'Synced') return
    if (performance.now() > givenUp) throw new Error(`${member.name} is ${state}`)
  }
}

/** The second column of the first row of the last statement's answer. */
export async function ask(url: string, ...statements: string[]): Promise<string> {
  const { hostname, port, pathname } = new URL(url)
  const database = pathname.slice(1)
  const connection = await createConnection({ host: hostname, port: Number(port), user: 'root', database, connectTimeout: 3000 })
  try {
    let answer: unknown[][] = []
    for (const sql of statements) answer = (await connection.query({ sql, rowsAsArray: true }))[0] as unknown[][] // so asked for
    return String(answer[0]?.[1])
  } finally {
    await connection.end()
  }
}
