// Kills Beckon (SIGKILL) at random moments under load, and looks whether anything acknowledged was lost or doubled.
//   npm run chaos:kill [-- --engine sqlite|mariadb --rounds 10]
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { audit, isClean } from './audit.ts'
import { databaseOn, sqliteIn } from './engine.ts'
import { between, bugsIn, freePort, percentile, startNode, temporaryFolder } from './node.ts'
import { people, startWriters } from './writers.ts'

const { values } = parseArgs({ options: { engine: { type: 'string' }, rounds: { type: 'string', default: '10' } } })
const rounds = Number(values.rounds)
const engines = values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]
if (!(rounds > 0) || engines.some((engine) => engine !== 'sqlite' && engine !== 'mariadb')) {
  console.error('usage: npm run chaos:kill [-- --engine sqlite|mariadb --rounds 10]')
  process.exit(2)
}

const results = []
for (const engine of engines) results.push(await run(engine))
console.table(Object.fromEntries(results.map(({ engine, row }) => [engine, row])))
process.exit(results.every(({ ok }) => ok) ? 0 : 1)

async function run(engine: string): Promise<{ engine: string; row: Record<string, number>; ok: boolean }> {
  const folder = temporaryFolder()
  const place = engine === 'sqlite' ? sqliteIn(folder) : await databaseOn()
  const port = await freePort()
  const start = () => startNode({ folder, port, databaseUrl: place.url })
  const began = performance.now()
  try {
    let node = await start()
    const load = startWriters({ persons: await people(node.url), urlOf: () => node.url })
    const backAfter: number[] = []
    for (let round = 1; round <= rounds; round++) {
      await wait(between(1500, 3500))
      node.kill('SIGKILL')
      await node.ended
      node = await start()
      backAfter.push(node.readyMs)
      const acknowledged = load.writes.filter(({ state }) => state === 'acknowledged').length
      console.log(`${engine}, round ${round}: killed, back after ${node.readyMs} ms, ${acknowledged} writes acknowledged so far`)
    }
    await wait(1000)
    await load.stop()
    const exit = await node.stop()
    if (exit !== 0) console.error(`${engine}: told to stop, it exited with ${exit}`)

    const database = await place.open()
    const { complaints, ...found } = await audit(database, load.writes)
    await database.close()
    for (const complaint of complaints) console.error(`${engine}: ${complaint}`)
    const bugs = bugsIn(node.logged())
    for (const line of bugs.slice(0, 3)) console.error(`${engine}: ${line.slice(0, 1500)}`)
    for (const [answer, times] of load.unexpected) console.error(`${engine}: ${times} × ${answer}`)
    const by = (state: string) => load.writes.filter((write) => write.state === state).length
    const row = {
      rounds,
      acknowledged: found.acknowledged,
      'tried again': load.writes.filter(({ tries }) => tries > 1).length,
      'of these done before': load.writes.filter(({ was_there }) => was_there).length,
      'given up': by('given up'),
      refused: by('refused'),
      lost: found.lost,
      doubled: found.doubled,
      'gaps in log': found.gaps,
      'half-written': found.halfWritten,
      broken: found.broken,
      events: found.events,
      'back after ms, p50': percentile(backAfter, 0.5),
      seconds: Math.round((performance.now() - began) / 1000),
    }
    // A run in which no answer was cut off proves nothing.
    const proved = found.acknowledged > 100 && row['tried again'] > 0
    if (!proved) console.error(`${engine}: too little happened to prove anything`)
    return { engine, row, ok: proved && isClean(found) && by('refused') === 0 && bugs.length === 0 && exit === 0 }
  } finally {
    await place.drop()
  }
}
