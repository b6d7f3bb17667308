// Kills Beckon (SIGKILL) again and again while it renames tags on thousands of tickets, and looks whether anything is half-done.
//   npm run chaos:jobs [-- --engine sqlite|mariadb --url mysql://… --tickets 8000 --kills 4]
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { makeTicket } from '../../bench/seed.ts'
import { fromJson, toJson } from '../../src/platform/codecs.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { insertRows } from '../../src/platform/database/prepared.ts'
import { databaseOn, type Place, sqliteIn } from './engine.ts'
import {
  admin,
  type BeckonNode,
  between,
  bugsIn,
  freePort,
  type Json,
  logIn,
  mustSend,
  startNode,
  temporaryFolder,
} from './node.ts'

const CHUNK = 100
const PATIENCE_MS = 50_000

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    url: { type: 'string' },
    tickets: { type: 'string', default: '8000' },
    kills: { type: 'string', default: '4' },
  },
})
const count = Number(values.tickets)
const kills = Number(values.kills)
const engines = values.url !== undefined ? ['server'] : values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]
if (!(count >= 1000) || !(kills > 0) || engines.some((engine) => !['sqlite', 'mariadb', 'server'].includes(engine))) {
  console.error('usage: npm run chaos:jobs [-- --engine sqlite|mariadb --url mysql://… --tickets 8000 --kills 4]')
  process.exit(2)
}

/** What is done to the tags: the second turns two into one, which some tickets have already. */
const renames = [
  { from: 'old', to: 'older' },
  { from: 'vip', to: 'eu' },
]

/** The tags of the ith ticket, at first. */
function tagsOf(i: number): string[] {
  return ['old', ...(i % 2 === 0 ? ['vip'] : []), ...(i % 3 === 0 ? ['eu'] : [])].sort()
}

/** And in the end. */
function tagsAfter(tags: readonly string[]): string[] {
  const names = new Map(renames.map(({ from, to }) => [from, to]))
  return [...new Set(tags.map((tag) => names.get(tag) ?? tag))].sort()
}

const results = []
for (const engine of engines) results.push(await run(engine))
console.table(Object.fromEntries(results.map(({ name, row }) => [name, row])))
process.exit(results.every(({ ok }) => ok) ? 0 : 1)

async function run(engine: string) {
  const folder = temporaryFolder()
  const place = engine === 'sqlite' ? sqliteIn(folder) : await databaseOn(values.url)
  try {
    return await renameThrough(place, folder)
  } finally {
    await place.drop()
  }
}

async function renameThrough(place: Place, folder: string) {
  const port = await freePort()
  const start = () => startNode({ folder, port, databaseUrl: place.url })
  const began = performance.now()
  let node = await start()
  const token = await logIn(node.url, admin)
  const database = await place.open()
  const name = database.product.name
  const seeded = await seed(database, { node, token })
  const jobs = [
    await mustSend(node.url, { method: 'PATCH', path: '/v1/tags/old', token, body: { name: 'older' } }),
    await mustSend(node.url, { method: 'POST', path: '/v1/tags/vip/merge', token, body: { into: 'eu' } }),
  ].map(({ id }) => String(id))

  const complaints: string[] = []
  let killed = 0
  for (const givenUp = performance.now() + PATIENCE_MS; performance.now() < givenUp; ) {
    // A server takes longer over each step.
    await wait(killed === kills ? 900 : database.engine === 'sqlite' ? between(20, 250) : between(200, 1500))
    const before = await progress(database, jobs)
    if (before.isDone) break
    if (killed === kills) continue
    node.kill('SIGKILL')
    await node.ended
    killed++
    const { done, isDone } = await progress(database, jobs)
    console.log(`${name}: kill ${killed} after ${done} tickets${isDone ? ', which were all' : ''}`)
    complaints.push(...(await halfDone(database, { seeded, jobs })))
    node = await start()
  }
  const { isDone, states } = await progress(database, jobs)
  if (!isDone) complaints.push(`the jobs did not end: ${states.join(', ')}`)
  complaints.push(...(await halfDone(database, { seeded, jobs })), ...(await wrongInTheEnd(database, { seeded, jobs })))
  const exit = await node.stop()
  const bugs = bugsIn(node.logged())
  await database.close()
  if (killed < 2) complaints.push('it was killed less than twice: more tickets are needed to prove anything')
  for (const line of [...complaints.slice(0, 10), ...bugs.slice(0, 3)]) console.error(`${name}: ${line.slice(0, 1500)}`)
  const row = {
    tickets: seeded.size,
    'killed while they ran': killed,
    'half-done or wrong': complaints.length,
    bugs: bugs.length,
    seconds: Math.round((performance.now() - began) / 1000),
  }
  return { name, row, ok: complaints.length + bugs.length === 0 && exit === 0 }
}

interface Seeded {
  tags: string[]
  version: number
}

/** Tickets with their tags, written as another process would. */
async function seed(database: Database, { node, token }: { node: BeckonNode; token: string }): Promise<Map<string, Seeded>> {
  const me = await mustSend(node.url, { path: '/v1/me', token })
  const settings = await mustSend(node.url, { path: '/v1/settings', token })
  const requester_id = String(me.id)
  const filling = { tickets: 0, messagesEach: 0, requester_id, agent_id: requester_id, onProgress: () => {} }
  const seeded = new Map<string, Seeded>()
  for (let done = 0; done < count; done += CHUNK) {
    const tickets = Array.from({ length: CHUNK }, (_, i) => {
      const at = Date.now() - 1_000_000
      const { ticket } = makeTicket(done + i, {
        at,
        head: 0,
        filling: { ...filling, queue_id: String(settings.default_queue_id) },
      })
      const tags = tagsOf(done + i)
      seeded.set(ticket.id, { tags, version: ticket.version })
      return { ...ticket, tags: toJson(tags) }
    })
    await database.write(async (db) => {
      await insertRows(db, 'tickets', tickets)
      const rows = tickets.flatMap(({ id, tags }) => fromJson<string[]>(tags).map((tag) => ({ ticket_id: id, tag })))
      await insertRows(db, 'ticket_tags', rows)
    })
  }
  return seeded
}

async function progress({ reader }: Database, jobs: readonly string[]) {
  const rows = await reader.selectFrom('jobs').select(['state', 'processed']).where('id', 'in', jobs).execute()
  return {
    done: rows.reduce((sum, { processed }) => sum + processed, 0),
    isDone: rows.every(({ state }) => state === 'done'),
    states: rows.map(({ state, processed }) => `${state} at ${processed}`),
  }
}

type Found = { seeded: ReadonlyMap<string, Seeded>; jobs: readonly string[] }

/** What no moment may show: a ticket whose parts do not agree, or a job that counts otherwise than it did. */
async function halfDone(database: Database, { seeded, jobs }: Found): Promise<string[]> {
  const complaints: string[] = []
  // One transaction, so that a node that is running does not change anything in between.
  await database.write(async (db) => {
    const tickets = await db.selectFrom('tickets').select(['id', 'tags', 'version']).execute()
    const inTable = Map.groupBy(await db.selectFrom('ticket_tags').selectAll().execute(), ({ ticket_id }) => ticket_id)
    const news = await db
      .selectFrom('events')
      .select(['ticket_id', 'type'])
      .where('type', 'in', ['ticket.tagged', 'ticket.untagged'])
      .execute()
    const told = Map.groupBy(news, ({ ticket_id, type }) => `${type} ${ticket_id}`)
    const changed = new Map(renames.map(({ from }) => [from, 0]))
    for (const { id, tags, version } of tickets) {
      const first = seeded.get(id)
      if (!first) continue
      const [now, rows] = [fromJson<string[]>(tags), (inTable.get(id) ?? []).map(({ tag }) => tag).sort()]
      if (now.join() !== rows.join()) complaints.push(`${id} has ${now} in its row and ${rows} in the table`)
      const gone = renames.filter(({ from }) => first.tags.includes(from) && !now.includes(from))
      const come = gone.filter(({ to }) => !first.tags.includes(to))
      for (const { from } of gone) changed.set(from, (changed.get(from) ?? 0) + 1)
      if (version !== first.version + gone.length) complaints.push(`${id} has version ${version} after ${gone.length} changes`)
      const [off, on] = ['ticket.untagged', 'ticket.tagged'].map((type) => told.get(`${type} ${id}`)?.length ?? 0)
      if (off !== gone.length || on !== come.length) complaints.push(`${id}: ${off} times untagged and ${on} tagged is told`)
    }
    for (const [i, id] of jobs.entries()) {
      const { processed } = await db.selectFrom('jobs').select('processed').where('id', '=', id).executeTakeFirstOrThrow()
      const really = changed.get(renames[i]?.from ?? '')
      if (processed !== really) complaints.push(`job ${id} says ${processed}, ${really} tickets were changed`)
    }
  })
  return complaints
}

async function wrongInTheEnd({ reader }: Database, { seeded, jobs }: Found): Promise<string[]> {
  const complaints: string[] = []
  for (const { id, tags } of await reader.selectFrom('tickets').select(['id', 'tags']).execute()) {
    const wanted = tagsAfter(seeded.get(id)?.tags ?? []).join()
    if (fromJson<string[]>(tags).join() !== wanted) complaints.push(`${id} ends with ${tags} instead of ${wanted}`)
  }
  for (const id of jobs) {
    const { total, processed } = await reader.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    if (total !== processed) complaints.push(`job ${id} took ${processed} of ${total}`)
    const ends: Json[] = await reader
      .selectFrom('events')
      .select('id')
      .where('subject_id', '=', id)
      .where('type', '=', 'job.finished')
      .execute()
    if (ends.length !== 1) complaints.push(`that job ${id} has ended is told ${ends.length} times`)
  }
  return complaints
}
