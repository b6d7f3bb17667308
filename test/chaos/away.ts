// Takes the database away under light load, in several ways: a MariaDB of the script's own is killed, stopped and restarted.
//   npm run chaos:away
import { ended, goThrough, hung, startWatch } from './absence.ts'
import { audit, isClean } from './audit.ts'
import { databaseOn } from './engine.ts'
import { bugsIn, freePort, startNode, temporaryFolder } from './node.ts'
import { privateMariadb } from './private-mariadb.ts'
import { people, startWriters } from './writers.ts'

const server = await privateMariadb()
await server.start()
const absences = [
  ended(server, { name: 'killed, started again', signal: 'SIGKILL', awayMs: 4000 }),
  hung(server, { name: 'hangs (SIGSTOP), goes on', awayMs: 6000 }),
  ended(server, { name: 'shut down, started again', signal: 'SIGTERM', awayMs: 3000 }),
  hung(server, { name: 'hangs, then killed, started again', isKilled: true, awayMs: 5000 }),
  hung(server, { name: 'hangs again', awayMs: 2500 }),
]

const place = await databaseOn(server.url)
const node = await startNode({ folder: temporaryFolder(), port: await freePort(), databaseUrl: place.url })
const persons = await people(node.url)
const load = startWriters({ persons, urlOf: () => node.url, count: 6, pauseMs: 100, givesUp: 0 })
const watch = startWatch(node.url, persons)
const rows: Record<string, Record<string, number>> = {}
const wrong: string[] = []
for (const absence of absences) rows[absence.name] = await goThrough(absence, { watch, wrong })
await load.stop()
await watch.stop()
const exit = await node.stop()

const database = await place.open()
const { complaints, ...found } = await audit(database, load.writes)
await database.close()
await server.end('SIGTERM')

console.table(rows)
console.table({ 'after all of it': { ...found, 'tried again': load.writes.filter(({ tries }) => tries > 1).length } })
for (const [answer, times] of load.unexpected) wrong.push(`${times} × ${answer}`)
if (exit !== 0) wrong.push(`told to stop, Beckon exited with ${exit}`)
if (load.writes.some(({ state }) => state !== 'acknowledged')) wrong.push('some writes were never acknowledged')
const kinds = new Map<string, number>()
for (const words of [...wrong, ...complaints]) kinds.set(words, (kinds.get(words) ?? 0) + 1)
for (const [words, times] of [...kinds].slice(0, 40)) console.error(times > 1 ? `${times} × ${words}` : words)
const bugs = bugsIn(node.logged())
console.log(`Beckon logged ${node.logged().split('\n').length} lines, ${bugs.length} of them of bugs`)
for (const line of bugs.slice(0, 3)) console.error(line.slice(0, 1500))
process.exit(wrong.length === 0 && bugs.length === 0 && isClean(found) ? 0 : 1)
