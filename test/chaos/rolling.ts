// Two nodes on MariaDB behind HAProxy are restarted one after the other, again and again, under load: no request may fail, and
// whoever follows the log or a stream must miss nothing. Nobody here tries again: a first try that fails is a failure.
//   npm run chaos:rolling [-- --rounds 5]
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startWatch } from './absence.ts'
import { audit, isClean } from './audit.ts'
import { databaseOn } from './engine.ts'
import { judge, startFollowers } from './followers.ts'
import { type BeckonNode, bugsIn, freePort, percentile, startNode, temporaryFolder } from './node.ts'
import { privateMariadb } from './private-mariadb.ts'
import { NOTICED_AFTER_MS, startProxy, whatProxyNeeds } from './proxy.ts'
import { startRedis } from './realtime/redis-server.ts'
import { people, startWriters } from './writers.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)
const missing = whatProxyNeeds()
if (!(rounds > 0) || missing !== undefined) {
  console.error(missing ?? 'usage: npm run chaos:rolling [-- --rounds 5]')
  process.exit(2)
}
const BETWEEN_MS = 2000

const server = await privateMariadb()
await server.start()
const [place, redis] = [await databaseOn(server.url), await startRedis()]
const grounds = await Promise.all([1, 2].map(async () => ({ folder: temporaryFolder(), port: await freePort() })))
const env = { BECKON_REDIS_URL: redis.url, BECKON_DRAIN_SECONDS: String(Math.ceil(NOTICED_AFTER_MS / 1000) + 1) }
const start = (ground: { folder: string; port: number }): Promise<BeckonNode> =>
  startNode({ ...ground, databaseUrl: place.url, env })
// Both at once: the migrations run once, whoever is first.
const nodes = await Promise.all(grounds.map(start))
const proxy = await startProxy(grounds.map(({ port }) => port))
const urlOf = (): string => proxy.url

const persons = await people(proxy.url)
const followers = await startFollowers(urlOf)
const watch = startWatch(proxy.url, persons, { isProxy: true })
const load = startWriters({ persons, urlOf, count: 8, pauseMs: 60, givesUp: 0 })
const [stops, readies, wrong] = [[] as number[], [] as number[], [] as string[]]
await wait(BETWEEN_MS)
for (let round = 1; round <= rounds; round++)
  for (const [i, ground] of grounds.entries()) {
    const told = performance.now()
    const exit = await nodes[i]?.stop()
    stops.push(Math.round(performance.now() - told))
    if (exit !== 0) wrong.push(`told to stop, node ${i + 1} exited with ${exit}`)
    const node = await start(ground)
    nodes[i] = node
    readies.push(node.readyMs)
    await proxy.allUp()
    await wait(BETWEEN_MS)
    console.log(`round ${round}, node ${i + 1}: stopped in ${stops.at(-1)} ms, ready after ${node.readyMs} ms`)
  }
await load.stop()
await watch.stop()

const database = await place.open()
const heard = await judge(followers, { database })
await Promise.all(nodes.map((node) => node.stop()))
const { complaints, ...found } = await audit(database, load.writes)
await database.close()

const failed = watch.seen.filter(({ status }) => status !== 200 && status !== 201)
for (const { path, status, text } of failed) wrong.push(`${path} answered ${status} ${text.slice(0, 200)}`)
const tried = load.writes.filter(({ tries, state }) => tries > 1 || state !== 'acknowledged')
for (const { path, tries, state } of tried) wrong.push(`POST ${path}: ${state} after ${tries} tries`)
for (const [answer, times] of load.unexpected) wrong.push(`${times} × ${answer}`)
const took = watch.seen.map(({ started, ended }) => ended - started)
console.table(heard.rows)
console.table({
  'rolling restart': {
    restarts: stops.length,
    requests: watch.seen.length + load.writes.length,
    failed: failed.length + tried.length,
    lost: found.lost,
    doubled: found.doubled,
    gaps: found.gaps,
    'half-written': found.halfWritten,
    'answer p50 ms': Math.round(percentile(took, 0.5)),
    'p99 ms': Math.round(percentile(took, 0.99)),
    'max ms': Math.round(percentile(took, 1)),
    'stop max ms': Math.max(...stops),
    'ready p50 ms': percentile(readies, 0.5),
  },
})
const kinds = Map.groupBy([...wrong, ...heard.wrong, ...complaints], (words) => words)
for (const [words, times] of [...kinds].slice(0, 40)) console.error(`${times.length} × ${words}`)
const bugs = nodes.flatMap((node) => bugsIn(node.logged()))
for (const line of bugs.slice(0, 3)) console.error(line.slice(0, 1500))
const isEnough = found.acknowledged > 100 && watch.seen.length > 100
process.exit(isEnough && kinds.size === 0 && bugs.length === 0 && isClean(found) ? 0 : 1)
