import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { createConnection } from 'mysql2/promise'
import { systemClock } from '../src/platform/clock.ts'
import type { Database } from '../src/platform/database/database.ts'
import type { DatabaseAddress } from '../src/platform/database/open.ts'
import { createLog } from '../src/platform/log.ts'
import type { CeilingFacts } from './ceiling.ts'

// Measures Beckon beside a bare ceiling, in turn, in one run: what counts is the ratio. With `--against DIR` beside another
// checkout of Beckon instead, an older one say, whose node_modules are there.

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite,mariadb' },
    connections: { type: 'string', default: '1,16,64' },
    seconds: { type: 'string', default: '3' },
    tickets: { type: 'string', default: '10000' },
    rows: { type: 'string', default: '' },
    against: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
})
const SECONDS = Number(flags.seconds)
const TICKETS = Number(flags.tickets)
const HERE = join(import.meta.dirname, '..')
const OTHER = flags.against === '' ? 'ceiling' : 'other'
const ADMIN = { email: 'bench@example.com', password: 'a bench needs a password' }
const folder = mkdtempSync(join(tmpdir(), 'beckon-bench-'))
const quiet = createLog({ level: 'silent', format: 'json' })
const children: ChildProcess[] = []
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  if (!process.env.KEEP) rmSync(folder, { recursive: true, force: true })
})
const say = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(text)
}

interface Target {
  name: 'beckon' | 'ceiling'
  url: string
  pid: number
  database: Database
  /** Runs a statement in a transaction of its own. */
  run(sql: string): Promise<unknown>
}
interface Shot {
  method: 'GET' | 'POST'
  paths: string[]
  body?: unknown
  headers?: Record<string, string>
}
interface Bench {
  row: string
  beckon: Shot
  ceiling: Shot
  /** Puts back what the row uses up. */
  reset?: (target: Target) => Promise<void>
}
export interface Measured {
  rate: number
  p50: number
  p99: number
  errors: number
}

async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<number>()
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
  return promise
}

async function start(
  args: string[],
  env: Record<string, string>,
  { port, name }: { port: number; name: string },
): Promise<number> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const log = createWriteStream(join(folder, `${name}.log`))
  child.stdout?.pipe(log)
  child.stderr?.pipe(log)
  for (let i = 0; i < 200; i++) {
    const up = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)
    if (up) return child.pid ?? 0
    if (child.exitCode !== null) break
    await wait(50)
  }
  throw new Error(`${name} does not start: ${readFileSync(join(folder, `${name}.log`), 'utf8').slice(-2000)}`)
}

async function dropDatabases(): Promise<void> {
  const connection = await createConnection({ host: '127.0.0.1', port: 3306, user: 'root' })
  for (const name of ['beckon', 'ceiling']) await connection.query(`drop database if exists beckon_bench_${name}`)
  await connection.end()
}

async function addressFor(engine: string, name: string): Promise<DatabaseAddress> {
  if (engine === 'sqlite') return { engine: 'sqlite', path: join(folder, `${name}.db`) }
  const database = `beckon_bench_${name}`
  const connection = await createConnection({ host: '127.0.0.1', port: 3306, user: 'root' })
  await connection.query(`drop database if exists ${database}`)
  await connection.query(`create database ${database} character set utf8mb4 collate utf8mb4_bin`)
  await connection.end()
  return { engine: 'mysql', host: '127.0.0.1', port: 3306, user: 'root', password: '', database, tls: 'off' }
}

function urlOf(address: DatabaseAddress): string {
  return address.engine === 'sqlite' ? `sqlite:${address.path}` : `mysql://root@127.0.0.1:3306/${address.database}`
}

async function api(
  url: string,
  path: string,
  { token, body }: { token?: string; body?: unknown } = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as Record<string, unknown>
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
  return answer
}

interface World extends CeilingFacts {
  ticketIds: string[]
  agentToken: string
  requesterToken: string
}

/** A checkout of Beckon: its own way to open, migrate and fill a database. */
async function houseIn(dir: string) {
  const load = (path: string) => import(join(resolve(dir), path))
  const [{ migrations }, { migrate }, { openDatabase }, { connectionOf }, { fillDesk }] = await Promise.all([
    load('src/app.ts') as Promise<typeof import('../src/app.ts')>,
    load('src/platform/database/migrate.ts') as Promise<typeof import('../src/platform/database/migrate.ts')>,
    load('src/platform/database/open.ts') as Promise<typeof import('../src/platform/database/open.ts')>,
    load('src/platform/database/connection.ts') as Promise<typeof import('../src/platform/database/connection.ts')>,
    load('bench/seed.ts') as Promise<typeof import('./seed.ts')>,
  ])
  const open = async (address: DatabaseAddress) => {
    const database = await openDatabase(address, { poolSize: 2, log: quiet })
    const run = (sql: string) => database.write((db) => connectionOf(db).query(sql, []))
    return { database, run, migrate: () => migrate(database, { migrations, clock: systemClock }) }
  }
  return { open, fillDesk, main: join(resolve(dir), 'src/main.ts') }
}

/** Starts a checkout's server on a database of its own, filled as its commands would have filled it. */
async function startBeckon(dir: string, { engine, name }: { engine: string; name: Target['name'] }) {
  const house = await houseIn(dir)
  const address = await addressFor(engine, name)
  const { database, run, migrate } = await house.open(address)
  await migrate()
  const port = await freePort()
  const env = {
    PORT: String(port),
    DATABASE_URL: urlOf(address),
    BECKON_DATA_DIR: join(folder, `data-${name}-${engine}`),
    BECKON_SECRET: 'x'.repeat(48),
    BECKON_ADMIN_EMAIL: ADMIN.email,
    BECKON_ADMIN_PASSWORD: ADMIN.password,
    BECKON_ACCESS_TOKEN_SECONDS: '3600',
    BECKON_RATE_LIMIT_PER_MINUTE: '1000000',
  }
  const pid = await start([house.main, 'serve'], env, { port, name: `${name}-${engine}` })
  const url = `http://127.0.0.1:${port}`
  const signIn = async (who: { email: string; password: string }) =>
    String((await api(url, '/v1/auth/login', { body: who })).access_token)
  const token = await signIn(ADMIN)
  const person = async (role: string) => {
    const who = { email: `${role}@example.com`, password: `the ${role} has a password` }
    const user = await api(url, '/v1/users', { token, body: { ...who, role, name: role } })
    return { id: String(user.id), token: await signIn(who) }
  }
  const [agent, requester] = [await person('agent'), await person('requester')]
  const queue_id = String((await api(url, '/v1/settings', { token })).default_queue_id)
  const facts: CeilingFacts = { requester_id: requester.id, agent_id: agent.id, queue_id }
  // Made-up events must not take positions that the node is about to give.
  await wait(1500)
  await house.fillDesk(database, {
    ...facts,
    tickets: TICKETS,
    messagesEach: 4,
    onProgress: (done) => say(`\r${engine} ${name}: ${done} tickets seeded`),
  })
  say('\n')
  const rows = await database.reader
    .selectFrom('tickets')
    .select('id')
    .where('status_category', '!=', 'closed')
    .orderBy('id')
    .execute()
  const world: World = {
    ...facts,
    ticketIds: rows.map(({ id }) => id),
    agentToken: agent.token,
    requesterToken: requester.token,
  }
  return { target: { name, url, pid, database, run } satisfies Target, world, address }
}

/** Starts both servers on databases of the same content, and says what is shot at each. */
async function prepare(engine: string): Promise<{ beckon: Target; ceiling: Target; rows: Bench[] }> {
  const own = await startBeckon(HERE, { engine, name: 'beckon' })
  const rows = benches(own.world)
  if (flags.against === '') return { beckon: own.target, ceiling: await startCeiling(engine, own.address, own.world), rows }
  const other = await startBeckon(flags.against, { engine, name: 'ceiling' })
  const theirs = new Map(benches(other.world).map((bench) => [bench.row, bench.beckon]))
  return {
    beckon: own.target,
    ceiling: other.target,
    rows: rows.map((bench) => ({ ...bench, ceiling: theirs.get(bench.row) ?? bench.ceiling })),
  }
}

async function startCeiling(
  engine: string,
  from: DatabaseAddress,
  { requester_id, agent_id, queue_id }: CeilingFacts,
): Promise<Target> {
  const address = await addressFor(engine, 'ceiling')
  if (address.engine === 'sqlite' && from.engine === 'sqlite') {
    const source = new DatabaseSync(from.path)
    source.exec(`vacuum into '${address.path}'`)
    source.close()
  }
  const { database, run, migrate } = await (await houseIn(HERE)).open(address)
  if (address.engine === 'mysql' && from.engine === 'mysql') {
    await migrate()
    for (const table of ['users', 'credentials', 'tickets', 'messages', 'events', 'ticket_tags', 'ticket_search', 'log_head']) {
      await run(`delete from ${table}`)
      await run(`insert into ${table} select * from ${from.database}.${table}`)
    }
  }
  const port = await freePort()
  const target = address.engine === 'sqlite' ? address.path : urlOf(address)
  const facts = JSON.stringify({ requester_id, agent_id, queue_id })
  const pid = await start(['bench/ceiling.ts', target, String(port), facts], {}, { port, name: `ceiling-${engine}` })
  return { name: 'ceiling', url: `http://127.0.0.1:${port}`, pid, database, run }
}

const TICKET = { subject: 'The printer is broken', body: 'Smoke comes out of tray two and the paper is gone. '.repeat(4) }
const REPLY = { body: 'Please pull the plug and wait until it has cooled down. '.repeat(3) }

function benches({ ticketIds, agentToken, requesterToken, queue_id }: World): Bench[] {
  const agent = { authorization: `Bearer ${agentToken}` }
  const requester = { authorization: `Bearer ${requesterToken}` }
  const some = ticketIds.filter((_, i) => i % Math.ceil(ticketIds.length / 500) === 0)
  const waiting = async ({ run }: Target) => {
    await run(
      "update tickets set assignee_id = null, status = 'new', status_category = 'new', closed_at = null, waiting_rank = 4 - priority where deleted_at is null",
    )
  }
  return [
    {
      row: 'create',
      beckon: { method: 'POST', paths: ['/v1/tickets'], body: TICKET, headers: requester },
      ceiling: { method: 'POST', paths: ['/create'], body: TICKET },
    },
    {
      row: 'read with thread',
      beckon: { method: 'GET', paths: some.map((id) => `/v1/tickets/${id}?include=messages`), headers: agent },
      ceiling: { method: 'GET', paths: some.map((id) => `/read/${id}`) },
    },
    {
      row: 'list of 25',
      beckon: { method: 'GET', paths: ['/v1/tickets'], headers: agent },
      ceiling: { method: 'GET', paths: ['/list'] },
    },
    {
      row: 'reply',
      beckon: { method: 'POST', paths: some.map((id) => `/v1/tickets/${id}/messages`), body: REPLY, headers: agent },
      ceiling: { method: 'POST', paths: some.map((id) => `/reply/${id}`), body: REPLY },
    },
    {
      row: 'filtered list',
      beckon: { method: 'GET', paths: ['/v1/tickets?status_category=open&priority=high'], headers: agent },
      ceiling: { method: 'GET', paths: ['/filtered?status=open&priority=3'] },
    },
    {
      row: 'claim next',
      beckon: { method: 'POST', paths: [`/v1/queues/${queue_id}/claim`], headers: agent },
      ceiling: { method: 'POST', paths: ['/claim'] },
      reset: waiting,
    },
    {
      row: 'login',
      beckon: { method: 'POST', paths: ['/v1/auth/login'], body: ADMIN },
      ceiling: { method: 'POST', paths: ['/login'], body: ADMIN },
    },
  ]
}

async function shoot(target: Target, shot: Shot, connections: number, seconds: number): Promise<Measured> {
  let next = 0
  const result = await autocannon({
    url: target.url,
    connections,
    duration: seconds,
    requests: [
      {
        method: shot.method,
        ...(shot.body === undefined ? {} : { body: JSON.stringify(shot.body) }),
        headers: { ...shot.headers, ...(shot.body === undefined ? {} : { 'content-type': 'application/json' }) },
        setupRequest: (request) => ({ ...request, path: shot.paths[next++ % shot.paths.length] ?? '/' }),
      },
    ],
  })
  const expected = result['2xx'] ?? 0
  return {
    rate: expected / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.non2xx + result.errors,
  }
}

// Two houses differ by less than one of them and a ceiling: they take more turns.
const once = ['ceiling', 'beckon', 'beckon', 'ceiling'] as const
const turns = flags.against === '' ? once : [...once, ...once, ...once]

/** Alternates short runs of the two, so that both see the same machine. */
async function compare(
  bench: Bench,
  targets: { beckon: Target; ceiling: Target },
  connections: number,
): Promise<Record<'beckon' | 'ceiling', Measured>> {
  const halves: Record<'beckon' | 'ceiling', Measured[]> = { beckon: [], ceiling: [] }
  for (const [turn, name] of turns.entries()) {
    await bench.reset?.(targets[name])
    if (turn < 2) await shoot(targets[name], bench[name], connections, 1)
    await bench.reset?.(targets[name])
    // Those who were cut off at the end of a run still hold their places for a moment.
    await wait(bench.row === 'login' ? 2500 : 100)
    halves[name].push(await shoot(targets[name], bench[name], connections, Math.max(1, SECONDS / 2)))
  }
  return { beckon: mean(halves.beckon), ceiling: mean(halves.ceiling) }
}

function mean(runs: Measured[]): Measured {
  const of = (pick: (run: Measured) => number) => runs.reduce((sum, run) => sum + pick(run), 0) / runs.length
  return {
    rate: of((run) => run.rate),
    p50: of((run) => run.p50),
    p99: Math.max(...runs.map((run) => run.p99)),
    errors: runs.reduce((sum, run) => sum + run.errors, 0),
  }
}

function rssMiB(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
}

const results: Record<string, unknown>[] = []
console.log(
  `| engine | row | connections | Beckon/s | ${OTHER}/s | ratio | Beckon p50 · p99 ms | ${OTHER} p50 · p99 ms | RSS MiB | errors |`,
)
console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
for (const engine of flags.engine.split(',')) {
  const targets = await prepare(engine)
  for (const bench of targets.rows) {
    if (flags.rows && !flags.rows.split(',').includes(bench.row)) continue
    for (const connections of flags.connections.split(',').map(Number)) {
      const { beckon, ceiling } = await compare(bench, targets, connections)
      const ratio = beckon.rate / ceiling.rate
      const rss = [rssMiB(targets.beckon.pid), rssMiB(targets.ceiling.pid)]
      console.log(
        `| ${engine} | ${bench.row} | ${connections} | ${beckon.rate.toFixed(0)} | ${ceiling.rate.toFixed(0)} | ${ratio.toFixed(2)} | ${beckon.p50.toFixed(1)} · ${beckon.p99.toFixed(1)} | ${ceiling.p50.toFixed(1)} · ${ceiling.p99.toFixed(1)} | ${rss.join(' / ')} | ${beckon.errors} / ${ceiling.errors} |`,
      )
      results.push({ engine, row: bench.row, connections, beckon, ceiling, ratio, rss_mib: rss })
    }
  }
  await targets.beckon.database.close()
  await targets.ceiling.database.close()
  for (const child of children.splice(0)) child.kill('SIGTERM')
  await wait(500)
  if (engine !== 'sqlite') await dropDatabases()
}
if (flags.json) console.log(JSON.stringify(results))
process.exit(0)
