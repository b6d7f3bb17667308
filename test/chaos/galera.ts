// Three Beckon nodes on a Galera cluster of three MariaDB servers, each on a server of its own, so that all of them are written to;
// one after the other is killed (SIGKILL) under load and comes back. Nothing acknowledged may be lost, positions stay gapless, whoever
// follows misses nothing, and in the end the three servers hold the same. Every request goes to another node than the one before.
//   npm run chaos:galera [-- --rounds 10]
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { audit, isClean } from './audit.ts'
import { databaseOn, type Place } from './engine.ts'
import { judge, startFollowers } from './followers.ts'
import { ask, type Member, startCluster, whatGaleraNeeds } from './galera-cluster.ts'
import { type BeckonNode, between, bugsIn, freePort, percentile, startNode, temporaryFolder } from './node.ts'
import { people, startWriters, type Write } from './writers.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } })
const rounds = Number(values.rounds)
const missing = whatGaleraNeeds()
if (!(rounds > 0) || missing !== undefined) {
  console.error(missing ?? 'usage: npm run chaos:galera [-- --rounds 10]')
  process.exit(2)
}
// Whoever asks is answered when the member has everything that was committed.
const CAUGHT_UP = 'set session wsrep_sync_wait = 15'
const COMPARED = ['events', 'event_queue', 'log_head', 'messages', 'tickets', 'ticket_tags', 'ticket_search', 'idempotency_keys']

const began = performance.now()
const cluster = await startCluster()
console.log(`a cluster of ${await cluster[0]?.status('wsrep_cluster_size')} after ${Math.round(performance.now() - began)} ms`)
const [first] = cluster
if (!first) throw new Error('there is no cluster')
const place = await databaseOn(first.url)
const urlOn = ({ url }: Member): string => Object.assign(new URL(url), { pathname: new URL(place.url ?? '').pathname }).href
const start = async (member: Member): Promise<BeckonNode> =>
  startNode({ folder: temporaryFolder(), port: await freePort(), databaseUrl: urlOn(member), readyWithinMs: 60_000 })
// All at once: the migrations run once, whoever is first.
const nodes = await Promise.all(cluster.map(start))
let turn = 0
const urlOf = (): string => nodes[turn++ % nodes.length]?.url ?? ''
const persons = await people(urlOf())
const followers = await startFollowers(urlOf)
const load = startWriters({ persons, urlOf, count: 9, pauseMs: 60, givesUp: 0 })
const kills: { backMs: number; longestSilenceMs: number }[] = []
await wait(5000)
const quiet = { until: performance.now() - 1000, acknowledged: acknowledgedOf(load.writes).length }
for (let round = 1; round <= rounds; round++) {
  const member = cluster[round % cluster.length]
  if (!member) throw new Error('there is no such member')
  const from = performance.now()
  await member.kill()
  await wait(between(7000, 9000))
  const returning = performance.now()
  await member.comeBack()
  const backMs = Math.round(performance.now() - returning)
  await wait(between(2000, 4000))
  kills.push({ backMs, longestSilenceMs: longestSilence(load.writes, from) })
  const size = await first.status('wsrep_cluster_size')
  const { length } = acknowledgedOf(load.writes)
  console.log(
    `round ${round}: ${member.name} killed, back after ${backMs} ms, cluster of ${size}, ${length} writes acknowledged so far`,
  )
}
await load.stop()
const seconds = (performance.now() - began) / 1000

const database = await place.open()
const heard = await judge(followers, { database })
// From the answer to its author until the first of five followers had the event, while nobody was killed yet.
const delays = acknowledgedOf(load.writes)
  .filter(({ acknowledgedAt }) => acknowledgedAt < quiet.until)
  .map(({ id, acknowledgedAt }) =>
    Math.max(0, Math.min(...followers.map(({ seenAt }) => seenAt.get(id) ?? Infinity)) - acknowledgedAt),
  )
const conflicts = await Promise.all(cluster.map(({ status }) => status('wsrep_local_cert_failures')))
const aborts = await Promise.all(cluster.map(({ status }) => status('wsrep_local_bf_aborts')))
const exits = await Promise.all(nodes.map((node) => node.stop()))
const { complaints, ...found } = await audit(database, load.writes)
await database.close()
const differing = await differences(place)
await Promise.all(cluster.map(({ stop }) => stop()))

console.table(heard.rows)
console.table({
  'nobody killed yet': {
    writes: quiet.acknowledged,
    'to visible p50 ms': Math.round(percentile(delays, 0.5)),
    'p99 ms': Math.round(percentile(delays, 0.99)),
  },
})
console.table({
  galera: {
    kills: kills.length,
    ...found,
    'tried again': load.writes.filter(({ tries }) => tries > 1).length,
    'of these done before': load.writes.filter(({ was_there }) => was_there).length,
    'longest silence p50 ms': percentile(
      kills.map(({ longestSilenceMs }) => longestSilenceMs),
      0.5,
    ),
    'max ms': Math.max(...kills.map(({ longestSilenceMs }) => longestSilenceMs)),
    'back p50 ms': percentile(
      kills.map(({ backMs }) => backMs),
      0.5,
    ),
    'certification failures': conflicts.join(),
    'aborted by others': aborts.join(),
    'tables that differ': differing.length,
    seconds: Math.round(seconds),
  },
})
const wrong = [...heard.wrong, ...complaints, ...differing]
for (const [answer, times] of load.unexpected) wrong.push(`${times} × ${answer}`)
if (exits.some((exit) => exit !== 0)) wrong.push(`told to stop, the nodes exited with ${exits.join()}`)
if (load.writes.some(({ state }) => state !== 'acknowledged')) wrong.push('some writes were never acknowledged')
for (const [words, times] of [...Map.groupBy(wrong, (words) => words)].slice(0, 30)) console.error(`${times.length} × ${words}`)
const bugs = nodes.flatMap((node) => bugsIn(node.logged()))
for (const line of bugs.slice(0, 5)) console.error(line.slice(0, 1500))
console.log(`${bugs.length} lines of bugs`)
process.exit(wrong.length === 0 && bugs.length === 0 && isClean(found) && found.acknowledged > 100 ? 0 : 1)

function acknowledgedOf(writes: readonly Write[]): Write[] {
  return writes.filter(({ state }) => state === 'acknowledged')
}

/** The longest time since then in which no write was acknowledged. */
function longestSilence(writes: readonly Write[], since: number): number {
  const times = acknowledgedOf(writes)
    .map(({ acknowledgedAt }) => acknowledgedAt)
    .filter((at) => at >= since)
    .sort((a, b) => a - b)
  const gaps = times.map((at, i) => at - (times[i - 1] ?? since))
  return Math.round(Math.max(0, ...gaps))
}

/** Tables that the servers hold differently. */
async function differences({ url }: Place): Promise<string[]> {
  const found: string[] = []
  for (const table of url === undefined ? [] : COMPARED) {
    const sums = await Promise.all(cluster.map((member) => ask(urlOn(member), CAUGHT_UP, `checksum table ${table}`)))
    if (new Set(sums).size !== 1) found.push(`${table}: the servers hold ${sums.join(', ')}`)
  }
  return found
}
