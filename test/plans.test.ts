import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type App, openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createUser } from '../src/modules/directory/index.ts'
import { type Role, systemActor } from '../src/platform/actor.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { Database } from '../src/platform/database/database.ts'
import { createLog } from '../src/platform/log.ts'
import { freshDatabase } from './engine.ts'
import { type Recorded, recordingDatabase, type Step } from './plans/recording.ts'
import { fillEvenly, type Spread } from './plans/seeded.ts'

// The plans of the hot queries, as each engine tells them, beside those that were agreed: test/plans/<engine>.txt.
// `npm run plans:make` writes them anew; look at the difference before you commit it.

const isMaking = process.env.PLANS === 'make'
const TICKETS = 4000

/** A request, and which of its statements are looked at. */
interface Hot {
  name: string
  /** Who asks; nobody for what runs by itself. */
  by?: Person
  ask?: `${'GET' | 'POST'} /${string}`
  /** The statements meant, of all that the request runs. */
  about: RegExp
  /** Why this one may read all of an index. */
  readsAll?: string
}
type Person = 'agent' | 'admin' | 'requester' | 'manager'

const LARGE = new Set([
  ...['tickets', 'messages', 'events', 'deliveries', 'ticket_tags', 'ticket_participants', 'idempotency_keys', 'timers'],
  // As their statements call them.
  ...['d', 'earlier'],
])

const staffFilters = [
  'status_category=open',
  'status_category=new,open',
  'status_category=open&assignee_id=me',
  'assignee_id=none&status_category=new,open',
  'status_category=open&queue_id=QUEUE',
  'status_category=open&priority=urgent',
  'tag=vip',
]
const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', '-priority', '-number']

function lists(by: Person): Hot[] {
  const isStaff = by === 'agent' || by === 'admin'
  const about = /\bfrom [`"]?tickets\b/
  const filters = isStaff ? staffFilters : ['status_category=open']
  return [
    ...sorts.map((sort): Hot => ({ name: `list by ${sort}`, by, ask: `GET /v1/tickets?sort=${sort}`, about })),
    ...filters.map((filter): Hot => ({ name: `list of ${filter}`, by, ask: `GET /v1/tickets?${filter}`, about })),
    ...(isStaff
      ? [
          {
            name: 'list of status_category=open by -updated_at',
            by,
            ask: 'GET /v1/tickets?status_category=open&sort=-updated_at' as const,
            about,
          },
        ]
      : []),
    ...filters.map(
      (filter): Hot => ({
        name: `count of ${filter}`,
        by,
        ask: `GET /v1/tickets?limit=1&include=total&${filter}`,
        about: /count\(\*\)/,
      }),
    ),
    {
      name: 'count of everything',
      by,
      ask: 'GET /v1/tickets?limit=1&include=total',
      about: /count\(\*\)/,
      ...(by === 'admin' ? { readsAll: 'an exact count of everything looks at every entry' } : {}),
    },
  ]
}

const hot: Hot[] = [
  ...(['agent', 'admin', 'requester', 'manager'] as const).flatMap((by) => lists(by)),
  ...(['agent', 'admin'] as const).flatMap((by): Hot[] => [
    { name: 'numbers of queues', by, ask: 'GET /v1/queues/counts', about: /\btickets\b/ },
    { name: 'views with counts', by, ask: 'GET /v1/views?include=count', about: /count\(\*\)/ },
    { name: 'views', by, ask: 'GET /v1/views', about: /\bviews\b/ },
  ]),
  ...(['agent', 'requester'] as const).flatMap((by): Hot[] => [
    { name: 'ticket by id', by, ask: 'GET /v1/tickets/TICKET', about: /\btickets\b/ },
    { name: 'ticket by number', by, ask: 'GET /v1/tickets/NUMBER', about: /\btickets\b/ },
    { name: 'messages', by, ask: 'GET /v1/tickets/TICKET/messages', about: /\bmessages\b/ },
    { name: 'events behind a position', by, ask: 'GET /v1/events?after=5000', about: /from events/ },
    { name: 'events of a ticket', by, ask: 'GET /v1/tickets/TICKET/events', about: /from events/ },
  ]),
  { name: 'ticket by external id', by: 'agent', ask: 'GET /v1/tickets/ext:ORD-240', about: /\btickets\b/ },
  { name: 'claim next', by: 'agent', ask: 'POST /v1/queues/QUEUE/claim', about: /\btickets\b/ },
  { name: 'idempotency key', by: 'agent', ask: 'POST /v1/tickets/TICKET/tags', about: /select.*\bidempotency_keys\b/s },
  // What runs by itself: a line for each table of things that become due.
  { name: 'due deliveries', about: /^select.*\bdeliveries\b/s },
]

interface Plan {
  steps: string[]
  /** What is wrong with it, whatever was agreed. */
  scans: string[]
}

test('no hot query reads a table from end to end, and each has the plan that was agreed', async (t) => {
  const { plans, engine } = await readPlans(t)
  const path = join(import.meta.dirname, 'plans', `${engine}.txt`)
  const text = [...plans].map(([name, { steps }]) => `${name}\n${steps.map((step) => `  ${step}\n`).join('')}`).join('\n')
  if (isMaking) writeFileSync(path, text)

  assert.deepEqual(
    [...plans.values()].flatMap(({ scans }) => scans),
    [],
  )
  assert.ok(existsSync(path), `there are no plans of ${engine}: npm run plans:make`)
  const agreed = readFileSync(path, 'utf8')
  assert.deepEqual(text.split('\n\n'), agreed.split('\n\n'), 'look at these plans, then: npm run plans:make')
})

async function readPlans(t: TestContext): Promise<{ plans: Map<string, Plan>; engine: string }> {
  const { open } = await freshDatabase()
  const database = await open()
  let recorded: Recorded[] = []
  let wanted: RegExp | undefined
  const app = await openApp({
    config: loadConfig({ env: { BECKON_RATE_LIMIT_PER_MINUTE: '0' } }),
    database: recordingDatabase(database, {
      isWanted: (sql) => wanted?.test(sql) === true && !/^\s*insert/i.test(sql),
      record: (statement) => void recorded.push(statement),
    }),
    clock: systemClock,
    log: createLog({ level: 'silent', format: 'json' }),
    secret: randomBytes(32).toString('base64url'),
  })
  t.after(() => app.close())
  const { tokens, names } = await settle(app, database)
  const plans = new Map<string, Plan>()
  for (const one of hot) {
    await app.settle()
    recorded = []
    wanted = one.about
    await run(app, one, { tokens, names })
    wanted = undefined
    const name = one.by ? `${one.by}: ${one.name}` : one.name
    assert.ok(recorded.length > 0, `${name} ran no such statement`)
    plans.set(name, planOf(recorded, { one, name }))
  }
  return { plans, engine: database.product.name }
}

/** Who works on the desk, and whose tickets lie on it. */
async function settle(app: App, database: Database) {
  const person = (role: Role, name: string, more: object = {}) =>
    app.transact(async (tx) => {
      const user = await createUser(tx, systemActor, { role, name, email: `${name}@example.com`, email_is_proven: true, ...more })
      return { id: user.id, token: (await app.accounts.openSession(tx, user.id)).access_token }
    })
  const admin = await person('admin', 'root')
  const call = caller(app, admin.token)
  const make = async (path: string, bodies: object[]): Promise<string[]> => {
    const ids: string[] = []
    for (const body of bodies) ids.push((await call('POST', path, body)).id)
    return ids
  }
  const numbered = (count: number, of: (i: number) => object) => Array.from({ length: count }, (_, i) => of(i))
  const organizations = await make(
    '/v1/organizations',
    numbered(30, (i) => ({ name: `Organization ${i}` })),
  )
  const [team = ''] = await make(
    '/v1/teams',
    numbered(2, (i) => ({ name: `Team ${i}` })),
  )
  const categories = await make(
    '/v1/categories',
    numbered(10, (i) => ({ name: `Category ${i}` })),
  )
  const teams = (await call('GET', '/v1/teams')).data.map(({ id }: { id: string }) => id)
  const queues = await make(
    '/v1/queues',
    numbered(16, (i) => ({ key: `q${i}`, name: `Queue ${i}`, team_ids: [teams[i % 8 === 0 ? 0 : 1]] })),
  )
  await call('PATCH', `/v1/queues/${(await call('GET', '/v1/settings')).default_queue_id}`, { team_ids: [teams[1]] })
  const agents = await people(20, (i) => person('agent', `agent${i}`))
  const [agent = admin] = agents
  await call('PUT', `/v1/teams/${team}/members/${agent.id}`)
  const requesters = await people(60, (i) => person('requester', `requester${i}`))
  const [requester = admin] = requesters
  const manager = await person('requester', 'manager', { organization_id: organizations[0], organization_role: 'manager' })
  for (const who of [agent, admin])
    await caller(app, who.token)('POST', '/v1/views', {
      name: 'Mine',
      filters: { status_category: 'new,open', assignee_id: 'me' },
    })
  await app.settle()
  const spread: Spread = {
    queues,
    agents: agents.map(({ id }) => id),
    requesters: requesters.map(({ id }) => id),
    organizations,
    categories,
  }
  // Behind what was announced so far.
  await database.write(async (db) => {
    await db.deleteFrom('deliveries').execute()
    await db.deleteFrom('events').execute()
  })
  await fillEvenly(database, { ...spread, count: TICKETS })
  app.accounts.forgetActors()
  const [queue = ''] = queues
  const row = await database.reader
    .selectFrom('tickets')
    .select(['id', 'number'])
    .where('queue_id', '=', queue)
    .where('requester_id', '=', requester.id)
    .orderBy('number')
    .limit(1)
    .executeTakeFirstOrThrow()
  return {
    tokens: { agent: agent.token, admin: admin.token, requester: requester.token, manager: manager.token },
    names: { QUEUE: queue, TICKET: row.id, NUMBER: String(row.number) },
  }
}

/** One after the other: at once they would wait for each other's turn. */
async function people<P>(count: number, make: (i: number) => Promise<P>): Promise<P[]> {
  const made: P[] = []
  for (let i = 0; i < count; i++) made.push(await make(i))
  return made
}

function caller(app: App, token: string) {
  return async (method: 'GET' | 'POST' | 'PUT' | 'PATCH', url: string, body?: object, headers: Record<string, string> = {}) => {
    const reply = await app.server.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body ? { payload: body } : {}),
    })
    assert.ok(reply.statusCode < 300, `${method} ${url}: ${reply.body}`)
    return reply.body === '' ? null : JSON.parse(reply.body)
  }
}

async function run(app: App, { by, ask }: Hot, { tokens, names }: Awaited<ReturnType<typeof settle>>): Promise<void> {
  if (!by || !ask) {
    // A ticket is tagged, and what is owed for it is looked for.
    await caller(app, tokens.admin)('POST', `/v1/tickets/${names.TICKET}/tags`, { tags: ['due'] })
    return app.settle()
  }
  const [method = 'GET', path = ''] = ask.split(' ')
  const url = path.replace(/QUEUE|TICKET|NUMBER/g, (name) => names[name as keyof typeof names])
  if (method === 'GET') await caller(app, tokens[by])('GET', url)
  else
    await caller(app, tokens[by])('POST', url, url.endsWith('/tags') ? { tags: ['hot'] } : undefined, { 'idempotency-key': url })
}

function planOf(recorded: Recorded[], { one, name }: { one: Hot; name: string }): Plan {
  const steps: string[] = []
  const scans: string[] = []
  for (const { sql, plan } of new Map(recorded.map((statement) => [statement.sql, statement])).values()) {
    if (steps.length > 0) steps.push('--')
    steps.push(...plan.map(({ text }) => text))
    // In its own order an index is read only as far as the limit goes.
    const isCutShort = ({ part }: Step) => /\blimit\b/i.test(sql) && !plan.some((other) => other.isSort && other.part === part)
    for (const step of plan) {
      const { scan, text } = step
      const isBounded = scan?.byIndex && (isCutShort(step) || one.readsAll !== undefined)
      if (scan && LARGE.has(scan.table) && !isBounded) scans.push(`${name}: ${text}: ${sql.slice(0, 300)}`)
    }
  }
  return { steps, scans }
}
