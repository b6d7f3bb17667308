// The disk under the database runs full under load, and has room again. Writes are refused with 507 or 503, reads go on, and when
// there is room it works again by itself; nothing that was acknowledged is lost. MariaDB, which asks for four megabytes at once, is first
// left two, and in the last round nothing at all: then InnoDB ends its own process, and is started again as systemd would.
//   npm run chaos:disk [-- --engine sqlite|mariadb --rounds 3]
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Seen, startWatch } from './absence.ts'
import { audit, isClean } from './audit.ts'
import { databaseOn, type Place, sqliteIn } from './engine.ts'
import { judge, startFollowers } from './followers.ts'
import { bugsIn, freePort, mustSend, startNode, temporaryFolder } from './node.ts'
import { type PrivateServer, privateMariadb } from './private-mariadb.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'
import { type Person, people, startWriters } from './writers.ts'

// Less than what InnoDB wants at once, more than what it needs to take a transaction back.
const LEFT_TO_MARIADB = 2_000_000
const RESTART_MS = 1000
const FULL_MS = 8000
const BACK_WITHIN_MS = 5000
const ANSWER_WITHIN_MS = 2000
const MIB = { sqlite: 64, mariadb: 224 }

const { values } = parseArgs({ options: { engine: { type: 'string' }, rounds: { type: 'string', default: '3' } } })
const rounds = Number(values.rounds)
const engines = (['sqlite', 'mariadb'] as const).filter((engine) => values.engine === undefined || values.engine === engine)
if (!(rounds > 0) || engines.length === 0) {
  console.error('usage: npm run chaos:disk [-- --engine sqlite|mariadb --rounds 3]')
  process.exit(2)
}

let isRight = true
for (const engine of engines) {
  const folder = temporaryFolder()
  const disk = mountSmallDisk(folder, MIB[engine])
  if (!disk) {
    console.error('This needs root, to mount a small disk.')
    process.exit(2)
  }
  const wrong = await run(engine, disk)
  disk.unmount()
  const kinds = Map.groupBy(wrong, (words) => words)
  for (const [words, times] of [...kinds].slice(0, 30)) console.error(`${engine}: ${times.length} × ${words}`)
  console.log(`${engine}: ${wrong.length === 0 ? 'ok' : 'FAILED'}`)
  if (wrong.length > 0) isRight = false
}
process.exit(isRight ? 0 : 1)

/** The database lies on the small disk; Beckon's own log elsewhere. */
async function prepare(engine: 'sqlite' | 'mariadb', { folder }: SmallDisk): Promise<{ place: Place; server?: PrivateServer }> {
  if (engine === 'sqlite') return { place: sqliteIn(folder) }
  const server = await privateMariadb({ folder, settings: ['--innodb-log-file-size=16M', '--innodb-undo-log-truncate=OFF'] })
  await server.start()
  return { place: await databaseOn(server.url), server }
}

async function run(engine: 'sqlite' | 'mariadb', disk: SmallDisk): Promise<string[]> {
  const { place, server } = await prepare(engine, disk)
  const supervisor = server ? supervise(server) : undefined
  const databaseUrl = place.url ?? `sqlite://${disk.folder}/beckon.db`
  const node = await startNode({ folder: temporaryFolder(), port: await freePort(), databaseUrl })
  const persons = await people(node.url)
  if (server) await growTables(node.url, persons)
  const followers = await startFollowers(() => node.url)
  const load = startWriters({ persons, urlOf: () => node.url, count: 6, pauseMs: 60, givesUp: 0 })
  const watch = startWatch(node.url, persons)
  const [wrong, rows] = [[] as string[], {} as Record<string, Record<string, number | string>>]
  for (let round = 1; round <= rounds; round++) {
    await wait(2500)
    const deaths = supervisor?.deaths() ?? 0
    disk.fill(engine === 'mariadb' && round < rounds ? LEFT_TO_MARIADB : 0)
    // What room the database had in its own files is used up first.
    const from = performance.now()
    while (!watch.seen.some(({ started, path, status }) => started > from && isWrite(path) && status >= 500)) {
      if (performance.now() - from > 60_000) return [...wrong, 'the disk is full, and everything is written all the same']
      await wait(50)
    }
    const full = performance.now()
    await wait(FULL_MS)
    disk.empty()
    const room = performance.now()
    await wait(BACK_WITHIN_MS + 1000)
    const meanwhile = watch.seen.filter(({ started, ended }) => started > full && ended < room)
    const died = (supervisor?.deaths() ?? 0) - deaths
    const row = { 'until full ms': Math.round(full - from), ...judgeFull(meanwhile, { wrong, isThere: died === 0 }) }
    const late = watch.seen.filter(({ started, status }) => started > room && status >= 300).map(({ ended }) => ended - room)
    const again = Math.round(Math.max(0, ...late))
    if (again > BACK_WITHIN_MS) wrong.push(`${again} ms after there was room again there were still failures`)
    rows[`${engine}, ${round}`] = { ...row, 'server ended itself': died, 'worked again after ms': again }
    console.log(JSON.stringify(rows[`${engine}, ${round}`]))
  }
  await load.stop()
  await watch.stop()
  const database = await place.open()
  const heard = await judge(followers, { database })
  const exit = await node.stop()
  const { complaints, ...found } = await audit(database, load.writes)
  await database.close()
  supervisor?.stop()
  await server?.end('SIGTERM')
  console.table(rows)
  console.table(heard.rows)
  console.table({ 'after all of it': { ...found, 'tried again': load.writes.filter(({ tries }) => tries > 1).length } })
  if (exit !== 0) wrong.push(`told to stop, Beckon exited with ${exit}`)
  if (!isClean(found) || found.acknowledged < 100) wrong.push(`the audit: ${JSON.stringify(found)}`)
  // One that was refused for good is the mistake of nobody but Beckon.
  if (load.writes.some(({ state }) => state === 'given up')) wrong.push('some writes were never acknowledged')
  for (const answer of load.unexpected.keys()) if (!answer.startsWith('507 ')) wrong.push(answer)
  return [...wrong, ...heard.wrong, ...complaints, ...bugsIn(node.logged()).map((line) => line.slice(0, 1500))]
}

/** Starts a server again whenever it has ended by itself. */
function supervise(server: PrivateServer): { deaths(): number; stop(): void } {
  let [deaths, stopped] = [0, false]
  const keep = async (): Promise<void> => {
    for (;;) {
      await server.ended()
      if (stopped) return
      deaths++
      await wait(RESTART_MS)
      server.launch()
    }
  }
  keep().catch((error) => console.error(error))
  return {
    deaths: () => deaths,
    stop: () => {
      stopped = true
    },
  }
}

/** A table of less than a megabyte grows by single pages: one that is in use does not. */
async function growTables(url: string, persons: readonly Person[]): Promise<void> {
  const body = { subject: 'A long one', body: 'So long a letter. '.repeat(1500) }
  await Promise.all(
    persons.map(async ({ token }) => {
      for (let i = 0; i < 40; i++) await mustSend(url, { method: 'POST', path: '/v1/tickets', token, body })
    }),
  )
}

function isWrite(path: string): boolean {
  return path === '/v1/tickets'
}

/** While it is full: writes are refused properly and soon, and reads are answered as long as the server is there. */
function judgeFull(
  seen: readonly Seen[],
  { wrong, isThere }: { wrong: string[]; isThere: boolean },
): Record<string, number | string> {
  const isRead = ({ path }: Seen): boolean => /^\/v1\/(tickets\?|me|events)/.test(path)
  const reads = seen.filter(isRead)
  const writes = seen.filter((one) => !isRead(one) && one.path !== '/readyz')
  for (const { path, status, text, isProper503 } of reads)
    if (status !== 200 && (isThere || !isProper503))
      wrong.push(`${path} answered ${status} ${withoutId(text)} while the disk was full`)
  const isProper = ({ status, isProper503 }: Seen): boolean => isProper503 || status === 507 || status < 300
  for (const one of writes)
    if (!isProper(one)) wrong.push(`${one.path} answered ${one.status} ${withoutId(one.text)} while the disk was full`)
  const slowest = Math.round(Math.max(0, ...seen.map(({ started, ended }) => ended - started)))
  if (slowest > ANSWER_WITHIN_MS) wrong.push(`the slowest answer while the disk was full took ${slowest} ms`)
  const by = (some: readonly Seen[]): string =>
    [...Map.groupBy(some, ({ status }) => status)].map(([status, of]) => `${of.length} × ${status}`).join(', ')
  return {
    reads: by(reads),
    writes: by(writes),
    '/readyz': by(seen.filter(({ path }) => path === '/readyz')),
    'slowest ms': slowest,
  }
}

function withoutId(text: string): string {
  return text.replace(/"request_id":"[^"]*"/, '').slice(0, 200)
}
