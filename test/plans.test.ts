import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type App, openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createUser } from '../src/modules/directory/index.ts'
import { readTopic } from '../src/modules/realtime/topic.ts'
import { type Role, systemActor } from '../src/platform/actor.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { Database } from '../src/platform/database/database.ts'
import { createLog } from '../src/platform/log.ts'
import { freshDatabase, serverUrl } from './engine.ts'
import { type Desk, type Hot, hot, LARGE } from './plans/hot.ts'
import { type Recorded, recordingDatabase, type Step } from './plans/recording.ts'
import { fillEvenly, refreshStatistics, type Spread } from './plans/seeded.ts'

// The plans of the hot queries, as each engine tells them, beside those that were agreed: test/plans/<engine>.txt.
// `npm run plans:make` writes them anew; look at the difference before you commit it.

const isMaking = process.env.PLANS === 'make'
const TICKETS = 4000

interface Plan {
  steps: string[]
  /** What is wrong with it, whatever was agreed. */
  scans: string[]
}

test('no hot query reads a table from end to end, and each has the plan that was agreed', async (t) => {
  await compare(t, { hasStatistics: serverUrl !== undefined, file: (engine) => `${engine}.txt` })
})

// Nobody runs ANALYZE on a desk of SQLite, see docs/decisions/0015. If somebody does, nothing may break.
test('nor does one after an ANALYZE on SQLite', { skip: serverUrl !== undefined }, async (t) => {
  await compare(t, { hasStatistics: true, file: (engine) => `${engine}-analyzed.txt` })
})

async function compare(
  t: TestContext,
  { hasStatistics, file }: { hasStatistics: boolean; file: (engine: string) => string },
): Promise<void> {
  const { plans, engine } = await readPlans(t, hasStatistics)
  const path = join(import.meta.dirname, 'plans', file(engine))
  const text = [...plans].map(([name, { steps }]) => `${name}\n${steps.map((step) => `  ${step}\n`).join('')}`).join('\n')
  if (isMaking) writeFileSync(path, text)

  assert.deepEqual(
    [...plans.values()].flatMap(({ scans }) => scans),
    [],
  )
  assert.ok(existsSync(path), `there are no plans of ${engine}: npm run plans:make`)
  const agreed = readFileSync(path, 'utf8')
  assert.deepEqual(text.split('\n\n'), agreed.split('\n\n'), 'look at these plans, then: npm run plans:make')
}

async function readPlans(t: TestContext, hasStatistics: boolean): Promise<{ plans: Map<string, Plan>; engine: string }> {
  const { open } = await freshDatabase()
  const database = await open()
  let recorded: Recorded[] = []
  let wanted: RegExp | undefined
  const app = await openApp({
    config: loadConfig({ env: { BECKON_RATE_LIMIT_PER_MINUTE: '0', BECKON_SHED_AFTER_MS: '0' } }),
    database: recordingDatabase(database, {
      isWanted: (sql) => wanted?.test(sql) === true && !/^\s*insert/i.test(sql),
      record: (statement) => void recorded.push(statement),
    }),
    clock: systemClock,
    log: createLog({ level: 'silent', format: 'json' }),
    secret: randomBytes(32).toString('base64url'),
  })
  t.after(() => app.close())
  const { tokens, desk } = await settle(app, database)
  if (hasStatistics) await refreshStatistics(database)
  const plans = new Map<string, Plan>()
  for (const one of hot) {
    await app.settle()
    recorded = []
    wanted = one.about
    await run(app, one, { tokens, desk })
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
  const [team = '', otherTeam = ''] = await make(
    '/v1/teams',
    numbered(2, (i) => ({ name: `Team ${i}` })),
  )
  const categories = await make(
    '/v1/categories',
    numbered(10, (i) => ({ name: `Category ${i}` })),
  )
  // As they were made: two of the same millisecond are listed in any order.
  const teams = [team, otherTeam]
  const queues = await make(
    '/v1/queues',
    numbered(16, (i) => ({ key: `q${i}`, name: `Queue ${i}`, team_ids: [teams[i % 8 === 0 ? 0 : 1]] })),
  )
  await call('PATCH', `/v1/queues/${(await call('GET', '/v1/settings')).default_queue_id}`, { team_ids: [teams[1]] })
  const agents = await people(20, (i) => person('agent', `agent${i}`))
  const [agent = admin] = agents
  await call('PUT', `/v1/teams/${team}/members/${agent.id}`)
  for (const { id } of agents.slice(1)) await call('PUT', `/v1/teams/${otherTeam}/members/${id}`)
  const choices = ['low', 'middle', 'high'].map((value) => ({ value, label: value }))
  const [severity = '', amount = '', serial = ''] = await make('/v1/fields', [
    { key: 'severity', label: 'Severity', type: 'choice', options: choices, requester_access: 'read' },
    { key: 'amount', label: 'Amount', type: 'number', requester_access: 'read' },
    { key: 'serial', label: 'Serial', type: 'text', requester_access: 'read' },
  ])
  await make(
    '/v1/routing-rules',
    numbered(20, (i) => ({ name: `Rule ${i}`, conditions: { subject_words: [`never${i}`] }, actions: { priority: 'high' } })),
  )
  const [{ statuses, transitions }] = (await call('GET', '/v1/lifecycles')).data
  const waiting = { key: 'waiting', label: 'Waiting', requester_label: null, category: 'pending' }
  const away = [
    { from: 'open', to: 'waiting', by: ['agent'] },
    { from: 'waiting', to: 'open', by: ['agent', 'system'] },
  ]
  const [lifecycle = ''] = await make('/v1/lifecycles', [
    { name: 'With waiting', statuses: [...statuses, waiting], transitions: [...transitions, ...away] },
  ])
  const requesters = await Promise.all(numbered(60, () => ({})).map((_, i) => person('requester', `requester${i}`)))
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
    fields: { severity, amount, serial },
    skilled_queue_id: queues[8] ?? '',
  }
  // Behind what was announced so far.
  await database.write(async (db) => {
    await db.deleteFrom('deliveries').execute()
    await db.deleteFrom('events').execute()
  })
  await fillEvenly(database, { ...spread, count: TICKETS })
  app.accounts.forgetActors()
  const [queue = '', , pushed = '', moved = ''] = queues
  const [view] = (await caller(app, agent.token)('GET', '/v1/views')).data
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
    desk: {
      names: {
        ...{ QUEUE: queue, SKILLED: spread.skilled_queue_id, PUSHED: pushed, MOVED: moved, AGENT: agent.id },
        ...{ TICKET: row.id, NUMBER: String(row.number), VIEW: view.id, LIFECYCLE: lifecycle },
      },
      statuses,
    },
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

async function run(app: App, one: Hot, { tokens, desk }: { tokens: Record<string, string>; desk: Desk }): Promise<void> {
  const { by, ask, body, settles, hears } = one
  if (by && hears) return listen(app, tokens[by] ?? '', inWords(hears, desk))
  if (!by || !ask) {
    // A ticket is tagged, and what is owed for it is looked for.
    await caller(app, tokens.admin ?? '')('POST', `/v1/tickets/${desk.names.TICKET}/tags`, { tags: ['due'] })
    return app.settle()
  }
  const [method = 'GET', path = ''] = ask.split(' ')
  const url = inWords(path, desk)
  const tags = url.endsWith('/tags') ? { tags: ['hot'] } : undefined
  const call = caller(app, tokens[by] ?? '')
  if (method === 'GET') await call('GET', url)
  else await call(method as 'POST' | 'PUT' | 'PATCH', url, body?.(desk) ?? tags, { 'idempotency-key': url + one.name })
  if (settles) await app.settle()
}

/** With the names of the desk in the place of those in capitals. */
function inWords(text: string, desk: Desk): string {
  return text.replace(/(?<=[/:])[A-Z]+\b|(?<=queue_id=)QUEUE/g, (name) => desk.names[name] ?? name)
}

/** Has somebody hear of a topic all that was, and go. */
async function listen(app: App, token: string, topic: string): Promise<void> {
  const peer = {
    send: () => {},
    atOnce: (work: () => void) => work(),
    pendingBytes: () => 0,
    end: () => assert.fail('the connection was ended'),
  }
  const line = app.hub.open(peer, await app.accounts.authenticate(token))
  await line.subscribe([readTopic(topic)], { after: 0, onHeard: () => {} })
  await app.hub.settle()
  line.close()
}

function planOf(recorded: Recorded[], { one, name }: { one: Hot; name: string }): Plan {
  const steps: string[][] = []
  const scans: string[] = []
  const told = ({ plan }: Recorded): string => plan.map(({ text }) => text).join('\n')
  // What runs in the background comes in any order, and in batches of any size: there each plan is told once.
  const keyOf = (statement: Recorded): string => (one.settles ? '' : statement.sql) + told(statement)
  for (const { plan } of new Map(recorded.map((statement) => [keyOf(statement), statement])).values())
    steps.push(plan.map(({ text }) => text))
  for (const { sql, plan } of recorded) {
    // In its own order an index is read only as far as the limit goes.
    const isCutShort = ({ part }: Step) => /\blimit\b/i.test(sql) && !plan.some((other) => other.isSort && other.part === part)
    for (const step of plan) {
      const { scan, text } = step
      const isBounded = scan?.byIndex && (isCutShort(step) || one.readsAll !== undefined)
      if (scan && LARGE.has(scan.table) && !isBounded) scans.push(`${name}: ${text}: ${sql.slice(0, 300)}`)
    }
  }
  if (one.settles) steps.sort((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1))
  return { steps: steps.flatMap((texts, i) => (i === 0 ? texts : ['--', ...texts])), scans }
}
