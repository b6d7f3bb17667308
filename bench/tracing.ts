// What traces cost: one checkout with and without a collector, in turn; with `--against DIR` beside another checkout, without one.
//   node bench/tracing.ts [--rounds 5] [--seconds 3] [--against DIR]
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    against: { type: 'string', default: '' },
  },
})
const SECONDS = Number(flags.seconds)
const HERE = join(import.meta.dirname, '..')
const ADMIN = { email: 'bench@example.com', password: 'a bench needs a password' }
const folder = mkdtempSync(join(tmpdir(), 'beckon-bench-tracing-'))
const children: ChildProcess[] = []
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Target {
  name: string
  url: string
  token: string
}

let taken = 0
const collector = createServer((request, response) => {
  taken++
  request.resume().once('end', () => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}'))
})
const { promise: listening, resolve: heard } = Promise.withResolvers<void>()
collector.listen(0, '127.0.0.1', heard)
await listening
const collectorUrl = `http://127.0.0.1:${portOf(collector)}`

const targets = [await start('off', HERE, {})]
if (flags.against) targets.push(await start('other checkout', resolve(flags.against), {}))
else {
  targets.push(await start('on', HERE, { BECKON_OTLP_ENDPOINT: collectorUrl }))
  targets.push(await start('on, one in a hundred', HERE, { BECKON_OTLP_ENDPOINT: collectorUrl, BECKON_TRACE_PERCENT: '1' }))
}
const shots = {
  'GET /v1/tickets': { method: 'GET' as const },
  'POST /v1/tickets': { method: 'POST' as const, body: JSON.stringify({ subject: 'Smoke', body: 'It burns.' }) },
}
for (const [name, shot] of Object.entries(shots)) {
  const rates = new Map(targets.map((target) => [target, [] as number[]]))
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) rates.get(target)?.push(await shoot(target, shot))
  const [base = 0, ...others] = [...rates.values()].map(median)
  console.log(`${name}: ${targets[0]?.name} ${Math.round(base)}/s`)
  for (const [i, rate] of others.entries())
    console.log(`${name}: ${targets[i + 1]?.name} ${Math.round(rate)}/s, ${(rate / base).toFixed(3)} of it`)
}
console.log(`the collector took ${taken} requests`)
process.exit(0)

async function shoot({ url, token }: Target, shot: { method: 'GET' | 'POST'; body?: string }): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const result = await autocannon({ url: `${url}/v1/tickets`, connections: 16, duration: SECONDS, headers, ...shot })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} were refused, ${result.errors} failed`)
  return result.requests.average
}

function median(rates: number[]): number {
  return rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0
}

async function start(name: string, cwd: string, env: Record<string, string>): Promise<Target> {
  const probe = createServer()
  const { promise, resolve: free } = Promise.withResolvers<void>()
  probe.listen(0, '127.0.0.1', free)
  await promise
  const port = portOf(probe)
  probe.close()
  const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      BECKON_DATA_DIR: join(folder, String(children.length)),
      BECKON_ADMIN_EMAIL: ADMIN.email,
      BECKON_ADMIN_PASSWORD: ADMIN.password,
      BECKON_ACCESS_TOKEN_SECONDS: '86400',
      BECKON_RATE_LIMIT_PER_MINUTE: '0',
      BECKON_LOG_LEVEL: 'warn',
      ...env,
    },
  })
  children.push(child)
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; i < 300 && !(await fetch(`${url}/readyz`).catch(() => undefined))?.ok; i++) await wait(100)
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/v1/auth/login`, { method: 'POST', headers, body: JSON.stringify(ADMIN) })
  // The answer of a login has its token.
  const { access_token } = (await answer.json()) as { access_token: string }
  return { name, url, token: access_token }
}

function portOf(server: ReturnType<typeof createServer>): number {
  // It listens on a port, so its address is no path.
  return (server.address() as AddressInfo).port
}
