// Uploads under attack: nodes are killed (SIGKILL) while files come in, the disk is full, the object store goes away, two thousand
// files come at once, the database goes away meanwhile. Whatever happens there is neither a row without a file nor, after the sweep, a file without a row.
//   npm run chaos:attachments [-- --engine sqlite|mariadb --rounds 10 --only kill|s3|away|full|many]
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openDiskStore } from '../../src/platform/files/disk.ts'
import type { FileStore } from '../../src/platform/files/file-store.ts'
import { openS3Store } from '../../src/platform/files/s3.ts'
import { openS3, type TestS3 } from '../s3-server.ts'
import { databaseOn, type Place, sqliteIn } from './engine.ts'
import { auditFiles, type FilesFound, isSound } from './files-audit.ts'
import { admin, type BeckonNode, between, bugsIn, freePort, logIn, percentile, startNode, temporaryFolder } from './node.ts'
import { privateMariadb } from './private-mariadb.ts'
import { type Sent, startUploaders, upload } from './uploaders.ts'

const { values } = parseArgs({
  options: { engine: { type: 'string' }, rounds: { type: 'string', default: '10' }, only: { type: 'string' } },
})
const rounds = Number(values.rounds)
const engines = values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]

/** A run: its name, what was found, and whether that is as it must be. */
interface Result {
  name: string
  row: Record<string, number | string>
  ok: boolean
}

interface Stage {
  folder: string
  place: Place
  start(env?: Record<string, string>): Promise<BeckonNode>
}

const scenes: Record<string, (stage: Stage) => Promise<Omit<Result, 'name'>>> = { kill, s3, away, full, many }
const chosen = Object.entries(scenes).filter(([name]) => values.only === undefined || values.only === name)
if (!(rounds > 0) || chosen.length === 0 || engines.some((engine) => engine !== 'sqlite' && engine !== 'mariadb')) {
  console.error('usage: npm run chaos:attachments [-- --engine sqlite|mariadb --rounds 10 --only kill|s3|away|full|many]')
  process.exit(2)
}

const results: Result[] = []
for (const engine of engines)
  for (const [name, scene] of chosen) {
    const folder = temporaryFolder()
    const place = engine === 'sqlite' ? sqliteIn(folder) : await databaseOn()
    const port = await freePort()
    const start = (env = {}) =>
      startNode({ folder, port, databaseUrl: place.url, env: { BECKON_UPLOADS_PER_CALLER: '5000', ...env } })
    try {
      const result = { name: `${name} (${engine})`, ...(await scene({ folder, place, start })) }
      console.table({ [result.name]: result.row })
      results.push(result)
    } finally {
      await place.drop()
    }
  }
for (const { name, ok } of results) console.log(`${name}: ${ok ? 'ok' : 'FAILED'}`)
process.exit(results.every(({ ok }) => ok) ? 0 : 1)

function diskIn(folder: string): FileStore {
  return openDiskStore(join(folder, 'attachments'))
}

/** Killed at random moments, over and over. */
async function kill(stage: Stage): Promise<Omit<Result, 'name'>> {
  return killed(stage, { env: {}, files: diskIn(stage.folder) })
}

/** The same with an object store, which goes away and comes back meanwhile. */
async function s3(stage: Stage): Promise<Omit<Result, 'name'>> {
  const store = await openS3()
  const { endpoint, region, bucket, accessKey, secretKey } = store.settings
  const env = {
    BECKON_S3_ENDPOINT: endpoint,
    BECKON_S3_REGION: region,
    BECKON_S3_BUCKET: bucket,
    BECKON_S3_ACCESS_KEY: accessKey,
    BECKON_S3_SECRET_KEY: secretKey,
  }
  const settings = { ...store.settings, pathStyle: true, prefix: 'attachments/' }
  try {
    return await killed(stage, {
      env,
      files: openS3Store(settings, { spoolFolder: join(stage.folder, 'incoming') }),
      away: store,
    })
  } finally {
    await store.close()
  }
}

async function killed(
  { place, start }: Stage,
  { env, files, away }: { env: Record<string, string>; files: FileStore; away?: TestS3 },
): Promise<Omit<Result, 'name'>> {
  let node = await start(env)
  const load = startUploaders({ count: 16, token: await logIn(node.url, admin), urlOf: () => node.url })
  let backAfterMs = 0
  for (let round = 1; round <= rounds; round++) {
    await wait(between(500, 2500))
    if (away) backAfterMs = Math.max(backAfterMs, await goAway(away, load.sent))
    node.kill('SIGKILL')
    await node.ended
    node = await start(env)
  }
  await wait(1000)
  await load.stop()
  const exit = await node.stop()
  const found = await audit(place, files, load.sent)
  const bugs = bugsIn(node.logged())
  for (const line of bugs.slice(0, 3)) console.error(line.slice(0, 1500))
  const by = (state: Sent['state']) => load.sent.filter((one) => one.state === state)
  const codes = [...new Set(by('refused').map(({ code }) => code))]
  const row = {
    rounds,
    acknowledged: by('acknowledged').length,
    'cut off': by('unknown').length,
    refused: codes.join() || 0,
    ...found,
    ...(away ? { 'works again after ms': backAfterMs } : {}),
  }
  // A run in which nothing was cut off proves nothing.
  const proved = by('acknowledged').length > 100 && by('unknown').length > 0
  const expected = away ? codes.every((code) => code === 'storage_unavailable') && codes.length === 1 : codes.length === 0
  return { row, ok: proved && expected && exit === 0 && bugs.length === 0 && isSound(found) }
}

/** Lets the store go and come back; answers how long it took from there until an upload succeeded. */
async function goAway(store: TestS3, sent: readonly Sent[]): Promise<number> {
  await store.leave()
  const seen = sent.length
  while (!sent.slice(seen).some(({ code }) => code === 'storage_unavailable')) await wait(20)
  await store.return()
  const back = performance.now()
  const after = sent.length
  while (!sent.slice(after).some(({ state }) => state === 'acknowledged')) await wait(5)
  return Math.round(performance.now() - back)
}

/** A MariaDB of the script's own is killed and hangs while files come in. */
async function away({ folder, place }: Stage): Promise<Omit<Result, 'name'>> {
  if (place.url === undefined) return { row: { skipped: 'SQLite goes away with its process only' }, ok: true }
  const server = await privateMariadb()
  await server.start()
  const own = await databaseOn(server.url)
  const node = await startNode({
    folder,
    port: await freePort(),
    databaseUrl: own.url,
    env: { BECKON_UPLOADS_PER_CALLER: '5000' },
  })
  const load = startUploaders({ count: 16, token: await logIn(node.url, admin), urlOf: () => node.url })
  const next = async (wanted: (one: Sent) => boolean): Promise<number> => {
    const began = performance.now()
    const seen = load.sent.length
    while (!load.sent.slice(seen).some(wanted)) await wait(10)
    return Math.round(performance.now() - began)
  }
  let backAfterMs = 0
  for (let round = 1; round <= rounds; round++) {
    await wait(between(300, 1500))
    if (round % 2 === 0) server.kill('SIGSTOP')
    else await server.end('SIGKILL')
    await next(({ code }) => code === 'database_unavailable')
    if (round % 2 === 0) server.kill('SIGCONT')
    else await server.start()
    backAfterMs = Math.max(backAfterMs, await next(({ state }) => state === 'acknowledged'))
  }
  await load.stop()
  const exit = await node.stop()
  const found = await audit(own, diskIn(folder), load.sent)
  const codes = [...new Set(load.sent.flatMap(({ state, code }) => (state === 'refused' ? [code] : [])))]
  const acknowledged = load.sent.filter(({ state }) => state === 'acknowledged').length
  const bugs = bugsIn(node.logged())
  for (const line of bugs.slice(0, 3)) console.error(line.slice(0, 1500))
  const row = { rounds, acknowledged, refused: codes.join(), 'works again after ms': backAfterMs, ...found }
  await own.drop()
  await server.end('SIGTERM')
  return {
    row,
    ok: acknowledged > 100 && codes.join() === 'database_unavailable' && exit === 0 && bugs.length === 0 && isSound(found),
  }
}

/** A disk of a few megabytes runs full, and has room again. */
async function full({ folder, place, start }: Stage): Promise<Omit<Result, 'name'>> {
  const disk = join(folder, 'attachments')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=0700', 'tmpfs', disk], { stdio: 'pipe' })
  } catch {
    return { row: { skipped: 'needs root, to mount a small disk' }, ok: true }
  }
  try {
    const node = await start()
    const token = await logIn(node.url, admin)
    const sent: Sent[] = []
    const send = async (bytes: number): Promise<Sent> => {
      const one = await upload(node.url, { token, name: 'a.bin', content: randomBytes(bytes) })
      sent.push(one)
      return one
    }
    const filler = join(disk, 'filler')
    writeFileSync(filler, Buffer.alloc(8_000_000))
    while ((await send(1_500_000)).state === 'acknowledged');
    // Many at once, each of which finds the disk full somewhere in the middle.
    await Promise.all(Array.from({ length: 20 }, () => send(2_000_000)))
    const leftOver = readdirSync(join(disk, 'incoming')).length
    const { bavail, bsize } = statfsSync(disk)
    const refused = sent.filter(({ state }) => state === 'refused')
    rmSync(filler)
    const again = await send(1_500_000)
    const exit = await node.stop()
    const found = await audit(place, diskIn(folder), sent)
    const statuses = [...new Set(refused.map(({ status, code }) => `${status} ${code}`))]
    const row = {
      'taken until full': sent.filter(({ state }) => state === 'acknowledged').length - 1,
      refused: `${refused.length} × ${statuses.join()}`,
      'left half-written': leftOver,
      'free KiB then': Math.round((bavail * bsize) / 1024),
      'with room again': again.status,
      ...found,
    }
    const ok = statuses.join() === '507 storage_full' && leftOver === 0 && again.status === 201 && exit === 0
    return { row, ok: ok && isSound(found) && bugsIn(node.logged()).length === 0 }
  } finally {
    execFileSync('umount', [disk])
  }
}

/** Two thousand small files at once. */
async function many({ folder, place, start }: Stage): Promise<Omit<Result, 'name'>> {
  const node = await start()
  const token = await logIn(node.url, admin)
  const took: number[] = []
  const began = performance.now()
  const sent = await Promise.all(
    Array.from({ length: 2000 }, async (_, i) => {
      const started = performance.now()
      // Every fourth is one that others send, too.
      const content = i % 4 === 0 ? Buffer.alloc(500, i % 40) : randomBytes(1000)
      const one = await upload(node.url, { token, name: `${i}.bin`, content })
      took.push(performance.now() - started)
      return one
    }),
  )
  const seconds = (performance.now() - began) / 1000
  const rss = residentMib(node.pid)
  const exit = await node.stop()
  const found = await audit(place, diskIn(folder), sent)
  const acknowledged = sent.filter(({ state }) => state === 'acknowledged').length
  const codes = [...new Set(sent.flatMap(({ state, code }) => (state === 'acknowledged' ? [] : [code || state])))]
  const row = {
    acknowledged,
    refused: codes.join() || 0,
    'per second': Math.round(2000 / seconds),
    'p50 ms': Math.round(percentile(took, 0.5)),
    'p99 ms': Math.round(percentile(took, 0.99)),
    'RSS MiB': rss,
    ...found,
  }
  return { row, ok: acknowledged === 2000 && exit === 0 && isSound(found) && bugsIn(node.logged()).length === 0 }
}

function residentMib(pid: number): number {
  if (!existsSync(`/proc/${pid}/status`)) return 0
  const status = execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' })
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}

async function audit(place: Place, files: FileStore, sent: readonly Sent[]): Promise<FilesFound> {
  const database = await place.open()
  try {
    return await auditFiles(database, files, sent)
  } finally {
    await database.close()
    files.close()
  }
}
