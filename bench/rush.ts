// Twice as many requests as Beckon can answer come in, as they come from people: whoever waits for an answer keeps nobody else from
// asking. What do those get who are let in, with shedding and without?
//   node bench/rush.ts [--engine sqlite|mariadb] [--seconds 10] [--times 2]
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { databaseOn } from '../test/chaos/engine.ts'
import { type BeckonNode, freePort, mustSend, percentile, startNode, temporaryFolder } from '../test/chaos/node.ts'
import { type Person, people } from '../test/chaos/writers.ts'

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    seconds: { type: 'string', default: '10' },
    times: { type: 'string', default: '2' },
    tickets: { type: 'string', default: '300' },
  },
})
const SECONDS = Number(flags.seconds)
const TIMES = Number(flags.times)
// Bounded: nobody opens more connections than this, and nobody waits for longer.
const SOCKETS = 3000
const PATIENCE_MS = 20_000
const STEP_MS = 10

interface Answered {
  status: number
  ms: number
}

const place = flags.engine === 'mariadb' ? await databaseOn() : undefined
const persons: Person[] = []
let ticket = ''
let folder: string | undefined

try {
  const rows: Record<string, Record<string, number | string>> = {}
  const quiet = await startBeckon({ BECKON_SHED_AFTER_MS: '0', BECKON_REQUESTS_AT_ONCE: '0' })
  await prepare(quiet)
  const rate = await capacityOf(quiet)
  rows['as many as it answers'] = summary(await rush(quiet, rate * 0.7), rate * 0.7)
  rows[`${TIMES} times as many, without shedding`] = summary(await rush(quiet, rate * TIMES), rate * TIMES)
  await quiet.stop()
  const shedding = await startBeckon({})
  rows[`${TIMES} times as many, with shedding`] = summary(await rush(shedding, rate * TIMES), rate * TIMES)
  await shedding.stop()
  console.log(`${flags.engine}: ${Math.round(rate)} requests a second are as many as it answers`)
  console.table(rows)
} finally {
  await place?.drop()
}
process.exit(0)

async function startBeckon(env: Record<string, string>): Promise<BeckonNode> {
  folder ??= temporaryFolder()
  return startNode({ folder, port: await freePort(), databaseUrl: place?.url, env })
}

async function prepare({ url }: BeckonNode): Promise<void> {
  persons.push(...(await people(url)))
  const { token } = persons.at(-1) ?? {}
  for (let i = 0; i < Number(flags.tickets); i++) {
    const made = await mustSend(url, {
      method: 'POST',
      path: '/v1/tickets',
      token,
      body: { subject: `Ticket ${i}`, body: 'It burns.' },
    })
    ticket = String(made.id)
  }
}

/** Eight of ten look at a list, one at a ticket, one writes. */
function next(i: number): { method: string; path: string; token: string; body?: string } {
  const { token = '' } = persons.at(i % 10 < 9 ? i % 4 : -1) ?? {}
  if (i % 10 < 8) return { method: 'GET', path: '/v1/tickets?limit=100', token }
  if (i % 10 < 9) return { method: 'GET', path: `/v1/tickets/${ticket}`, token }
  return { method: 'POST', path: '/v1/tickets', token, body: '{"subject":"A rush","body":"Everybody asks at once."}' }
}

function ask(agent: Agent, url: string, { method, path, token, body }: ReturnType<typeof next>): Promise<Answered> {
  const { promise, resolve } = Promise.withResolvers<Answered>()
  const began = performance.now()
  const end = (status: number): void => resolve({ status, ms: performance.now() - began })
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  const outgoing = request(new URL(path, url), { method, headers, agent, timeout: PATIENCE_MS }, (incoming) => {
    incoming.resume()
    incoming.once('end', () => end(incoming.statusCode ?? 0))
    incoming.once('error', () => end(0))
  })
  outgoing.once('timeout', () => outgoing.destroy())
  outgoing.once('error', () => end(0))
  outgoing.end(body)
  return promise
}

/** How many a second are answered when 32 ask one after the other. */
async function capacityOf({ url }: BeckonNode): Promise<number> {
  const agent = new Agent({ keepAlive: true })
  let count = 0
  let isOver = false
  const lane = async (from: number): Promise<void> => {
    for (let i = from; !isOver; i += 32) {
      const { status } = await ask(agent, url, next(i))
      if (status < 300) count++
    }
  }
  const lanes = Array.from({ length: 32 }, (_, i) => lane(i))
  await wait(2000)
  count = 0
  await wait(4000)
  const rate = count / 4
  isOver = true
  await Promise.all(lanes)
  agent.destroy()
  return rate
}

async function rush({ url }: BeckonNode, rate: number): Promise<{ answers: Answered[]; health: Answered[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })
  const asked: Promise<Answered>[] = []
  const probes: Promise<Answered>[] = []
  const began = performance.now()
  for (let elapsed = 0; elapsed < SECONDS * 1000; elapsed = performance.now() - began) {
    while (asked.length < (elapsed / 1000) * rate) asked.push(ask(agent, url, next(asked.length)))
    if (probes.length < elapsed / 200) probes.push(ask(new Agent(), url, { method: 'GET', path: '/readyz', token: '' }))
    await wait(STEP_MS)
  }
  const result = { answers: await Promise.all(asked), health: await Promise.all(probes) }
  agent.destroy()
  return result
}

function summary({ answers, health }: Awaited<ReturnType<typeof rush>>, rate: number): Record<string, number | string> {
  const done = answers.filter(({ status }) => status >= 200 && status < 300)
  const refused = answers.filter(({ status }) => status === 503)
  const times = done.map(({ ms }) => ms)
  return {
    'asked a second': Math.round(rate),
    'answered a second': Math.round(done.length / SECONDS),
    p50: Math.round(percentile(times, 0.5)),
    p99: Math.round(percentile(times, 0.99)),
    refused: refused.length,
    'refused p99': Math.round(
      percentile(
        refused.map(({ ms }) => ms),
        0.99,
      ),
    ),
    'no answer': answers.filter(({ status }) => status === 0).length,
    'other answers': answers.length - done.length - refused.length - answers.filter(({ status }) => status === 0).length,
    'health p99': Math.round(
      percentile(
        health.map(({ ms }) => ms),
        0.99,
      ),
    ),
    'health failed': health.filter(({ status }) => status !== 200).length,
  }
}
