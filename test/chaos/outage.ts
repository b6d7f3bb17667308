// What Beckon stands on goes away under load. MariaDB is stopped ten times for ten seconds: whoever asks is told 503 within two
// seconds, it works again within five, and nothing that was acknowledged is lost. Redis is killed, flushed and hangs: nobody is told no.
//   npm run chaos:outage [-- --only database|redis --rounds 10]
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Absence, ended, goThrough, hung, startWatch } from './absence.ts'
import { audit, isClean } from './audit.ts'
import { databaseOn, type Place } from './engine.ts'
import { judge, startFollowers } from './followers.ts'
import { type BeckonNode, bugsIn, freePort, percentile, startNode, temporaryFolder } from './node.ts'
import { type PrivateServer, privateMariadb } from './private-mariadb.ts'
import { type RedisServer, startRedis } from './realtime/redis-server.ts'
import { people, startWriters } from './writers.ts'

const AWAY_MS = 10_000
const scenes = { database: outageOfDatabase, redis: outageOfRedis }
const { values } = parseArgs({ options: { only: { type: 'string' }, rounds: { type: 'string', default: '10' } } })
const rounds = Number(values.rounds)
const chosen = Object.entries(scenes).filter(([name]) => values.only === undefined || values.only === name)
if (!(rounds > 0) || chosen.length === 0) {
  console.error('usage: npm run chaos:outage [-- --only database|redis --rounds 10]')
  process.exit(2)
}

interface Stage {
  server: PrivateServer
  place: Place
  nodes: BeckonNode[]
}

let isRight = true
for (const [name, scene] of chosen) {
  const wrong = await scene()
  const kinds = Map.groupBy(wrong, (words) => words)
  for (const [words, times] of [...kinds].slice(0, 40)) console.error(`${name}: ${times.length} × ${words}`)
  console.log(`${name}: ${wrong.length === 0 ? 'ok' : 'FAILED'}`)
  if (wrong.length > 0) isRight = false
}
process.exit(isRight ? 0 : 1)

async function outageOfDatabase(): Promise<string[]> {
  const stage = await openStage({ nodes: 1 })
  const { server } = stage
  const ways = [
    (name: string) => ended(server, { name: `${name} shut down`, signal: 'SIGTERM', awayMs: AWAY_MS }),
    (name: string) => ended(server, { name: `${name} killed`, signal: 'SIGKILL', awayMs: AWAY_MS }),
    (name: string) => hung(server, { name: `${name} hangs`, awayMs: AWAY_MS }),
    (name: string) => hung(server, { name: `${name} hangs, killed`, isKilled: true, awayMs: AWAY_MS }),
  ]
  const absences = Array.from({ length: rounds }, (_, i) => ways[i % ways.length]?.(`${i + 1}.`)).filter(
    (one) => one !== undefined,
  )
  return underLoad(stage, async ({ watch, wrong }) => {
    const rows: Record<string, Record<string, number>> = {}
    for (const absence of absences) {
      rows[absence.name] = await goThrough(absence, { watch, wrong })
      console.log(`${absence.name}: ${JSON.stringify(rows[absence.name])}`)
    }
    console.table(rows)
  })
}

async function outageOfRedis(): Promise<string[]> {
  const redis = await startRedis()
  const stage = await openStage({ nodes: 2, env: { BECKON_REDIS_URL: redis.url } })
  return underLoad(stage, async ({ watch, wrong }) => {
    await wait(5000)
    const quietUntil = performance.now()
    for (let i = 0; i < rounds; i++)
      for (const harm of harms(redis)) {
        await harm.leave()
        await wait(harm.awayMs)
        await harm.comeBack()
        await wait(1000)
      }
    const failed = watch.seen.filter(({ status }) => status !== 200 && status !== 201)
    for (const { path, status, text } of failed) wrong.push(`${path} answered ${status} ${text.slice(0, 200)}`)
    const row = (isQuiet: boolean): Record<string, number> => {
      const took = watch.seen
        .filter(({ ended }) => ended < quietUntil === isQuiet)
        .map(({ started, ended: answered }) => answered - started)
      const [p50, p99, max] = [0.5, 0.99, 1].map((p) => Math.round(percentile(took, p)))
      return { requests: took.length, 'p50 ms': p50 ?? 0, 'p99 ms': p99 ?? 0, 'max ms': max ?? 0 }
    }
    console.table({ 'with Redis': row(true), 'while it is harmed': row(false) })
  })
}

function harms(redis: RedisServer): Absence[] {
  return [
    { name: 'killed', awayMs: 2000, leave: async () => redis.kill('SIGKILL'), comeBack: () => redis.restart() },
    { name: 'flushed', awayMs: 0, leave: async () => void (await redis.run('FLUSHALL')), comeBack: async () => {} },
    { name: 'hangs', awayMs: 2000, leave: async () => redis.kill('SIGSTOP'), comeBack: async () => redis.kill('SIGCONT') },
  ]
}

async function openStage({ nodes, env = {} }: { nodes: number; env?: Record<string, string> }): Promise<Stage> {
  const server = await privateMariadb()
  await server.start()
  const place = await databaseOn(server.url)
  const start = async (): Promise<BeckonNode> =>
    startNode({ folder: temporaryFolder(), port: await freePort(), databaseUrl: place.url, env })
  return { server, place, nodes: await Promise.all(Array.from({ length: nodes }, start)) }
}

/** Writers, those who note every answer, and followers, while `harm` is done; answers whatever was wrong. */
async function underLoad(
  { server, place, nodes }: Stage,
  harm: (about: { watch: ReturnType<typeof startWatch>; wrong: string[] }) => Promise<void>,
): Promise<string[]> {
  let turn = 0
  const urlOf = (): string => nodes[turn++ % nodes.length]?.url ?? ''
  const persons = await people(urlOf())
  const followers = await startFollowers(urlOf)
  const load = startWriters({ persons, urlOf, count: 6, pauseMs: 100, givesUp: 0 })
  const watch = startWatch(urlOf(), persons)
  const wrong: string[] = []
  await harm({ watch, wrong })
  await load.stop()
  await watch.stop()

  const database = await place.open()
  const heard = await judge(followers, { database })
  const exits = await Promise.all(nodes.map((node) => node.stop()))
  const { complaints, ...found } = await audit(database, load.writes)
  await database.close()
  await server.end('SIGTERM')
  console.table(heard.rows)
  console.table({ 'after all of it': { ...found, 'tried again': load.writes.filter(({ tries }) => tries > 1).length } })
  for (const [answer, times] of load.unexpected) wrong.push(`${times} × ${answer}`)
  if (exits.some((exit) => exit !== 0)) wrong.push(`told to stop, Beckon exited with ${exits.join(' and ')}`)
  if (load.writes.some(({ state }) => state !== 'acknowledged')) wrong.push('some writes were never acknowledged')
  if (!isClean(found) || found.acknowledged < 100) wrong.push(`the audit: ${JSON.stringify(found)}`)
  const bugs = nodes.flatMap((node) => bugsIn(node.logged()))
  return [...wrong, ...heard.wrong, ...complaints, ...bugs.slice(0, 3).map((line) => line.slice(0, 1500))]
}
