// Lets thousands of timers fall due while nodes are killed, and looks whether each fired once and in time; then the same with
// snoozed tickets on Beckon as it is served.
//   npm run chaos:timers [-- --engine sqlite|mariadb --url mysql://… --timers 5000 --seconds 60 --snoozed 1000 --only timers|snoozed]
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/platform/clock.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { setTimer } from '../../src/platform/timers.ts'
import { createTransactor } from '../../src/platform/transaction.ts'
import { databaseOn, type Place, sqliteIn } from './engine.ts'
import { type BeckonNode, between, bugsIn, freePort, percentile, startNode, temporaryFolder } from './node.ts'
import { kind, prepareRings, ringsIn } from './rings.ts'
import { type Found, wakeThrough } from './snoozes.ts'

const IN_TIME_MS = 2000
const AHEAD_MS = 3000
// A generous guess of how long it takes to set one.
const SEED_MS = 3
const AWAY_MS = 4000
const BURST = 250
const PATIENCE_MS = 60_000

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    url: { type: 'string' },
    timers: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '60' },
    snoozed: { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
})
const count = Number(values.timers)
const span = Number(values.seconds) * 1000
const engines = values.url !== undefined ? ['server'] : values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]
if (!(count >= 2 * BURST) || !(span >= 5000) || engines.some((engine) => !['sqlite', 'mariadb', 'server'].includes(engine))) {
  console.error(
    'usage: npm run chaos:timers [-- --engine sqlite|mariadb --url mysql://… --timers 5000 --seconds 60 --snoozed 1000 --only timers|snoozed]',
  )
  process.exit(2)
}

const parts = {
  timers: ringThrough,
  snoozed: (place: Place, folders: readonly string[]) => wakeThrough(place, folders, Number(values.snoozed)),
}
const results: Found[] = []
for (const [part, through] of Object.entries(parts)) {
  if (values.only !== undefined && values.only !== part) continue
  const found = []
  for (const engine of engines) found.push(await run(engine, through))
  console.table(Object.fromEntries(found.map(({ name, row }) => [name, row])))
  results.push(...found)
}
process.exit(results.length > 0 && results.every(({ ok }) => ok) ? 0 : 1)

async function run(engine: string, through: (place: Place, folders: readonly string[]) => Promise<Found>): Promise<Found> {
  const folders = [temporaryFolder(), temporaryFolder()]
  const [folder = ''] = folders
  const place = engine === 'sqlite' ? sqliteIn(folder) : await databaseOn(values.url)
  try {
    return await through(place, engine === 'sqlite' ? [folder] : folders)
  } finally {
    await place.drop()
  }
}

/** One node per folder: the first is killed in the middle, and comes back while the rest falls due. */
async function ringThrough(place: Place, folders: readonly string[]): Promise<Found> {
  const start = async (folder: string): Promise<BeckonNode> =>
    startNode({ folder, port: await freePort(), databaseUrl: place.url, main: ['test/chaos/ringing-node.ts'] })
  // One after the other: the first has the schema to make.
  const nodes: BeckonNode[] = []
  for (const folder of folders) nodes.push(await start(folder))
  const [victim] = nodes
  const database = await place.open()
  await prepareRings(database)
  const name = database.product.name

  const began = systemClock.now()
  const from = began + AHEAD_MS + SEED_MS * count
  const middle = from + span / 2
  const due = dueTimes({ from, middle })
  await setAll(database, due)
  const seededMs = systemClock.now() - began

  await until(middle + between(20, 120))
  victim?.kill('SIGKILL')
  const killed_at = systemClock.now()
  await victim?.ended
  const claimed = await countTimers(database, 'leased')
  await wait(AWAY_MS)
  nodes[0] = await start(folders[0] ?? '')
  const back_at = systemClock.now()
  console.log(`${name}: killed with ${claimed} timers claimed, back ${back_at - killed_at} ms later`)
  await until(from + span)
  await allGone(database)
  const commits = commitsIn(folders)
  const rings = (await ringsIn(database)).map((ring) => ({ ...ring, fired_at: commits.get(ring.subject_id) ?? ring.fired_at }))
  const events = await eventsOf(database)
  const perSecond = await burst(database)
  const exits = await Promise.all(nodes.map((node) => node.stop()))

  const times = Map.groupBy(rings, ({ subject_id }) => subject_id)
  // With another node in service nobody has to wait for the one that was killed.
  const wasAlone = nodes.length === 1
  const late = rings.map(({ due_at, fired_at }) => fired_at - due_at)
  const waited = rings.map(({ due_at, fired_at }) => {
    const owed = wasAlone && fired_at > killed_at && due_at < back_at ? Math.max(due_at, back_at) : due_at
    return fired_at - owed
  })
  const bugs = nodes.flatMap((node) => bugsIn(node.logged()))
  for (const line of bugs.slice(0, 3)) console.error(line.slice(0, 1500))
  if (exits.some((exit) => exit !== 0)) console.error(`told to stop, the nodes exited with ${exits.join(' and ')}`)
  const row = {
    timers: due.size,
    nodes: nodes.length,
    'claimed when killed': claimed,
    'never fired': [...due.keys()].filter((id) => !times.has(id)).length,
    'fired twice': rings.length - times.size,
    'without event': [...due.keys()].filter((id) => events.get(id) !== 1).length,
    'too early': late.filter((ms) => ms < 0).length,
    'late p50 ms': percentile(late, 0.5),
    'p99 ms': percentile(late, 0.99),
    'max ms': percentile(late, 1),
    'max from due or restart ms': percentile(waited, 1),
    'by the node that came back': rings.filter(({ pid }) => pid === nodes[0]?.pid).length,
    'all due at once, per second': perSecond,
    'seeded within ms': seededMs,
  }
  await database.close()
  // A kill that hit nothing proves nothing.
  if (claimed === 0) console.error(`${name}: nothing was claimed when the node was killed`)
  const isExact = row['never fired'] + row['fired twice'] + row['without event'] + row['too early'] === 0
  const isInTime = row['max from due or restart ms'] <= IN_TIME_MS
  return { name, row, ok: isExact && isInTime && claimed > 0 && bugs.length === 0 && exits.every((exit) => exit === 0) }
}

/** When each is due: spread at random, and many at the one moment after which the node is killed. */
function dueTimes({ from, middle }: { from: number; middle: number }): Map<string, number> {
  const at = (i: number): number => (i < BURST ? middle : Math.round(between(from, from + span)))
  return new Map(Array.from({ length: count }, (_, i) => [`chs_${i}`, at(i)]))
}

function transactorOn(database: Database) {
  return createTransactor({ database, clock: systemClock, reactions: [], onCommit: () => {} })()
}

/** Sets them in a process of its own, as another node would: nobody is woken. */
async function setAll(database: Database, due: ReadonlyMap<string, number>): Promise<void> {
  const transact = transactorOn(database)
  const all = [...due]
  for (let i = 0; i < all.length; i += 100)
    await transact(async (tx) => {
      for (const [subject_id, due_at] of all.slice(i, i + 100)) await setTimer(tx, { kind, subject_id, due_at })
    })
}

async function countTimers({ reader }: Database, state?: 'leased'): Promise<number> {
  const query = reader.selectFrom('timers').select(({ fn }) => fn.countAll<number>().as('n'))
  const counted = await (state ? query.where('state', '=', state) : query).executeTakeFirstOrThrow()
  return Number(counted.n)
}

async function until(at: number): Promise<void> {
  await wait(Math.max(0, at - systemClock.now()))
}

async function allGone(database: Database): Promise<void> {
  const givenUp = performance.now() + PATIENCE_MS
  while ((await countTimers(database)) > 0 && performance.now() < givenUp) await wait(50)
}

/** How many a second fire when all are due at the same moment. */
async function burst(database: Database): Promise<number> {
  const began = (await ringsIn(database)).length
  const at = systemClock.now() + AHEAD_MS + SEED_MS * count
  await setAll(database, new Map(Array.from({ length: count }, (_, i) => [`chb_${i}`, at])))
  await until(at)
  await allGone(database)
  const rings = (await ringsIn(database)).slice(began)
  const last = Math.max(...rings.map(({ fired_at }) => fired_at))
  return Math.round(rings.length / ((last - at) / 1000))
}

/** When the nodes knew of each commit; one that was killed in between did not write it down. */
function commitsIn(folders: readonly string[]): Map<string, number> {
  const files = folders.map((folder) => join(folder, 'rings')).filter((file) => existsSync(file))
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
}

/** How many events in the log tell of each. */
async function eventsOf({ reader }: Database): Promise<Map<string, number>> {
  const rows = await reader.selectFrom('events').select('subject_id').where('type', '=', 'chaos.rang').execute()
  const events = new Map<string, number>()
  for (const { subject_id } of rows) events.set(subject_id, (events.get(subject_id) ?? 0) + 1)
  return events
}
