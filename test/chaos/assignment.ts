// Fifty agents claim from one queue at once, ten rounds; then two hundred tickets are given to ten agents in turn while a node is
// killed (SIGKILL) and started again: no ticket twice, none left, and the ten have the same number within one.
//   npm run chaos:assignment [-- --engine sqlite|mariadb|mysql://USER:PASSWORD@HOST:PORT/NAME]
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import type { Database } from '../../src/platform/database/database.ts'
import { databaseOn, sqliteIn } from './engine.ts'
import {
  type Answer,
  admin,
  type BeckonNode,
  bugsIn,
  freePort,
  type Json,
  logIn,
  mustSend,
  percentile,
  type Sent,
  send,
  startNode,
  temporaryFolder,
} from './node.ts'

const AGENTS = 50
const ROUNDS = 10
const TEAM = 10
const TICKETS = 200
const WRITERS = 8
const GIVEN_WITHIN_MS = 60_000

const { values } = parseArgs({ options: { engine: { type: 'string' } } })
const engines = values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]
if (engines.some((engine) => engine !== 'sqlite' && engine !== 'mariadb' && !engine.startsWith('mysql://'))) {
  console.error('usage: npm run chaos:assignment [-- --engine sqlite|mariadb|mysql://USER:PASSWORD@HOST:PORT/NAME]')
  process.exit(2)
}

/** The nodes of one installation, and how to start one anew on its old address. */
interface Site {
  nodes: BeckonNode[]
  restart(i: number): Promise<void>
  database: Database
}

interface Agent {
  id: string
  token: string
}

const results = []
for (const engine of engines) results.push(await run(engine))
console.table(Object.fromEntries(results.map(({ engine, row }) => [engine, row])))
process.exit(results.every(({ ok }) => ok) ? 0 : 1)

async function run(engine: string): Promise<{ engine: string; row: Record<string, number | string>; ok: boolean }> {
  const folder = temporaryFolder()
  const place = engine === 'sqlite' ? sqliteIn(folder) : await databaseOn(engine.startsWith('mysql://') ? engine : undefined)
  const name = engine.startsWith('mysql://') ? 'MySQL' : engine
  const began = performance.now()
  try {
    const folders = engine === 'sqlite' ? [folder] : [folder, temporaryFolder()]
    const ports = await Promise.all(folders.map(() => freePort()))
    const start = (i: number) => startNode({ folder: folders[i] ?? folder, port: ports[i] ?? 0, databaseUrl: place.url })
    const nodes = [await start(0)]
    for (let i = 1; i < folders.length; i++) nodes.push(await start(i))
    const site: Site = {
      nodes,
      restart: async (i) => {
        nodes[i]?.kill('SIGKILL')
        await nodes[i]?.ended
        nodes[i] = await start(i)
      },
      database: await place.open(),
    }
    const token = await logIn(nodes[0]?.url ?? '', admin)
    const agents = await hire(site, token)
    const pulled = await pull(site, { token, agents })
    const pushed = await push(site, { token, agents: agents.slice(0, TEAM) })
    await site.database.close()
    const bugs = nodes.flatMap((node) => bugsIn(node.logged()))
    for (const line of bugs.slice(0, 3)) console.error(`${name}: ${line.slice(0, 1500)}`)
    const exits = await Promise.all(nodes.map((node) => node.stop()))
    const row = { nodes: nodes.length, ...pulled.row, ...pushed.row, seconds: Math.round((performance.now() - began) / 1000) }
    return { engine: name, row, ok: pulled.ok && pushed.ok && bugs.length === 0 && exits.every((exit) => exit === 0) }
  } finally {
    await place.drop()
  }
}

async function hire({ nodes }: Site, token: string): Promise<Agent[]> {
  const url = nodes[0]?.url ?? ''
  const hired: Agent[] = []
  for (let i = 0; i < AGENTS; i++) {
    const person = { email: `agent${i}@chaos.example`, password: `a-long-pass-phrase-${i}` }
    const { id } = await mustSend(url, {
      method: 'POST',
      path: '/v1/users',
      token,
      body: { ...person, name: `Agent ${i}`, role: 'agent' },
    })
    hired.push({ id: String(id), token: await logIn(url, person) })
  }
  return hired
}

/** Everybody claims the next ticket at the same moment, again and again. */
async function pull({ nodes, database }: Site, { token, agents }: { token: string; agents: Agent[] }) {
  const url = nodes[0]?.url ?? ''
  const queue = await mustSend(url, { method: 'POST', path: '/v1/queues', token, body: { key: 'pull', name: 'Pull' } })
  const taken: string[] = []
  const took: number[] = []
  let empty = 0
  for (let round = 0; round < ROUNDS; round++) {
    await raise({ count: AGENTS, queue_id: String(queue.id), token, urlOf: (i) => nodes[i % nodes.length]?.url ?? '' })
    const answers = await Promise.all(
      agents.map(async (agent, i) => {
        const from = performance.now()
        const path = `/v1/queues/${queue.id}/claim`
        const answer = await send(nodes[i % nodes.length]?.url ?? '', { method: 'POST', path, token: agent.token })
        took.push(performance.now() - from)
        return answer
      }),
    )
    for (const { status, text } of answers) if (status !== 200 && status !== 204) console.error(`a claim: ${status} ${text}`)
    taken.push(...answers.filter(({ status }) => status === 200).map(({ body }) => String(body.id)))
    empty += answers.filter(({ status }) => status !== 200).length
  }
  const left = await count(database, sql`queue_id = ${String(queue.id)} and assignee_id is null`)
  const twice = taken.length - new Set(taken).size
  return {
    row: {
      claims: taken.length,
      'went away empty': empty,
      'claimed twice': twice,
      'left over': left,
      'claim p50 ms': Math.round(percentile(took, 0.5)),
      'claim max ms': Math.round(percentile(took, 1)),
    },
    ok: taken.length === AGENTS * ROUNDS && twice === 0 && left === 0 && empty === 0,
  }
}

/** Tickets come in while one node is killed and comes back; each is given to the agent whose turn it is. */
async function push(site: Site, { token, agents }: { token: string; agents: Agent[] }) {
  const { nodes, database } = site
  const url = nodes[0]?.url ?? ''
  const team = await mustSend(url, { method: 'POST', path: '/v1/teams', token, body: { name: 'In turn' } })
  for (const { id } of agents) await mustSend(url, { method: 'PUT', path: `/v1/teams/${team.id}/members/${id}`, token })
  const policy = { key: 'push', name: 'Push', team_ids: [team.id], assignment: { mode: 'round_robin' } }
  const queue = await mustSend(url, { method: 'POST', path: '/v1/queues', token, body: policy as Json })
  const queue_id = String(queue.id)

  let raised = 0
  let kills = 0
  const coming = raise({
    count: TICKETS,
    queue_id,
    token,
    // At the node that is killed, too: what it did not answer is sent again.
    urlOf: (i) => nodes[i % nodes.length]?.url ?? '',
    onDone: () => raised++,
    pauseMs: 500,
  })
  const victim = nodes.length - 1
  while (raised < TICKETS) {
    const before = raised
    await Promise.race([coming, until(() => raised >= before + TICKETS / 5)])
    if (raised >= TICKETS && kills > 0) break
    await site.restart(victim)
    kills++
  }
  await coming
  const from = performance.now()
  const waiting = sql`queue_id = ${queue_id} and assignee_id is null`
  while ((await count(database, waiting)) > 0 && performance.now() - from < GIVEN_WITHIN_MS) await wait(20)
  const settled = performance.now() - from

  const rows = await database.reader
    .selectFrom('tickets')
    .select(['assignee_id', (eb) => eb.fn.countAll<number>().as('n')])
    .where('queue_id', '=', queue_id)
    .where('assignee_id', 'is not', null)
    .groupBy('assignee_id')
    .execute()
  const given = rows.map(({ n }) => Number(n))
  const counter = await database.reader
    .selectFrom('queue_assignments')
    .select('last_seq')
    .where('queue_id', '=', queue_id)
    .execute()
  const events = await database.reader
    .selectFrom('events')
    .innerJoin('tickets', 'tickets.id', 'events.ticket_id')
    .select('events.id')
    .where('tickets.queue_id', '=', queue_id)
    .where('events.type', '=', 'ticket.assigned')
    .execute()
  const left = await count(database, waiting)
  const total = given.reduce((sum, n) => sum + n, 0)
  const spread = Math.max(...given) - Math.min(...given)
  return {
    row: {
      'kills -9': kills,
      given: total,
      agents: given.length,
      'most - least': spread,
      'given twice': events.length - total,
      'left waiting': left,
      'last given after ms': Math.round(settled),
    },
    ok:
      kills > 0 &&
      total === TICKETS &&
      given.length === TEAM &&
      spread <= 1 &&
      left === 0 &&
      events.length === total &&
      counter[0]?.last_seq === TICKETS,
  }
}

/** Raises so many tickets, some at a time; what was not answered is sent again under its key. */
async function raise({
  count: wanted,
  queue_id,
  token,
  urlOf,
  onDone = () => {},
  pauseMs = 0,
}: {
  count: number
  queue_id: string
  token: string
  urlOf: (i: number) => string
  onDone?: () => void
  pauseMs?: number
}): Promise<void> {
  let next = 0
  const writer = async (): Promise<void> => {
    for (let i = next++; i < wanted; i = next++) {
      const key = `${queue_id} ${i} ${performance.now()}`
      const body = { subject: `Ticket ${i}`, body: 'Help', queue_id }
      let answer: Answer | undefined
      for (let tries = 0; answer?.status !== 201; tries++) {
        const sent: Sent = { method: 'POST', path: '/v1/tickets', token, key, body, timeoutMs: 5000 }
        answer = await send(urlOf(i + tries), sent).catch(() => undefined)
        if (tries > 600) throw new Error(`ticket ${i} is never taken: ${answer?.text}`)
        if (answer?.status !== 201) await wait(50)
      }
      onDone()
      await wait(pauseMs)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(10)
}

async function count({ reader }: Database, where: ReturnType<typeof sql>): Promise<number> {
  const query = reader.selectFrom('tickets').select((eb) => eb.fn.countAll<number>().as('n'))
  return Number((await query.where(where as never).executeTakeFirstOrThrow()).n)
}
