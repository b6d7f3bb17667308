// Sends mail while Beckon is killed after the mail server has taken it and before Beckon has heard so; and ten thousand mails with a
// dead and a slow domain among them.
//   npm run chaos:mail [-- --engine sqlite|mariadb --url mysql://… --mails 400 --kills 8 --rate 10000 --only killed|rate]
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openFaultServer } from '../smtp-server.ts'
import { databaseOn, type Place, sqliteIn } from './engine.ts'
import { oweAll, statesIn } from './mails.ts'
import { type BeckonNode, between, bugsIn, freePort, startNode, temporaryFolder } from './node.ts'

const PATIENCE_MS = 240_000
const OTHER_DOMAINS = 50
const SLOW_MS = 4000
const RATE = 200

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    url: { type: 'string' },
    mails: { type: 'string', default: '400' },
    kills: { type: 'string', default: '8' },
    rate: { type: 'string', default: '10000' },
    only: { type: 'string' },
  },
})
const engines = values.url !== undefined ? ['server'] : values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]
const parts = { killed: killedAfterTheAnswer, rate: withDeadAndSlow }
if (
  engines.some((engine) => !['sqlite', 'mariadb', 'server'].includes(engine)) ||
  (values.only !== undefined && !(values.only in parts))
) {
  console.error(
    'usage: npm run chaos:mail [-- --engine sqlite|mariadb --url mysql://… --mails 400 --kills 8 --rate 10000 --only killed|rate]',
  )
  process.exit(2)
}

interface Found {
  name: string
  ok: boolean
  row: Record<string, number | string>
}

const endings: (() => unknown)[] = []
const test = { after: (ending: () => unknown) => void endings.push(ending) }
const results: Found[] = []
for (const [part, through] of Object.entries(parts)) {
  if (values.only !== undefined && values.only !== part) continue
  const found: Found[] = []
  for (const engine of engines) found.push(await run(engine, through))
  console.log(part)
  console.table(Object.fromEntries(found.map(({ name, row, ok }) => [name, { ...row, ok: ok ? 'yes' : 'NO' }])))
  results.push(...found)
}
for (const end of endings) await end()
process.exit(results.length > 0 && results.every(({ ok }) => ok) ? 0 : 1)

async function run(engine: string, through: (place: Place, folder: string) => Promise<Found>): Promise<Found> {
  const folder = temporaryFolder()
  const place = engine === 'sqlite' ? sqliteIn(folder) : await databaseOn(values.url)
  try {
    return await through(place, folder)
  } finally {
    await place.drop()
  }
}

async function startMailing(place: Place, folder: string, mailUrl: string): Promise<BeckonNode> {
  return startNode({
    ...{ folder, port: await freePort(), databaseUrl: place.url, main: ['test/chaos/mailing-node.ts'] },
    env: { BECKON_MAIL_URL: mailUrl },
  })
}

/** Kills the node when the server has taken a mail, before its answer goes out, again and again; then lets it finish. */
async function killedAfterTheAnswer(place: Place, folder: string): Promise<Found> {
  const count = Number(values.mails)
  const arrived = new Map<string, number>()
  let node: BeckonNode | undefined
  let untilKill = Number.POSITIVE_INFINITY
  let kills = 0
  const server = await openFaultServer(test, {
    keeps: false,
    onTaken: (mail) => {
      const id = String(mail.header('message-id'))
      arrived.set(id, (arrived.get(id) ?? 0) + 1)
      if (--untilKill > 0 || node === undefined) return
      untilKill = Number.POSITIVE_INFINITY
      kills++
      node.kill('SIGKILL')
    },
  })
  node = await startMailing(place, folder, `smtp://127.0.0.1:${server.port}`)
  const database = await place.open()
  const name = database.product.name
  const wanted = Number(values.kills)
  const nextKill = (): number => Math.max(1, Math.round(between(0.3, 1) * (count / (wanted + 1))))
  untilKill = nextKill()
  const owed = await oweAll(
    database,
    Array.from({ length: count }, (_, i) => `person${i}@domain${i % 40}.example`),
  )
  const logs: string[] = []
  const begun = performance.now()
  while (performance.now() - begun < PATIENCE_MS + wanted * 5000) {
    if (node.hasEnded()) {
      node = await startMailing(place, folder, `smtp://127.0.0.1:${server.port}`)
      if (kills < wanted) untilKill = nextKill()
    }
    const states = await statesIn(database)
    if (states.sent === count) break
    await wait(200)
  }
  const states = await statesIn(database)
  logs.push(node.logged())
  const code = await node.stop()
  await database.close()
  const missing = [...owed].filter((id) => !arrived.has(id)).length
  const strangers = [...arrived.keys()].filter((id) => !owed.has(id)).length
  const doubled = [...arrived.values()].filter((times) => times > 1).length
  const bugs = bugsIn(logs.join('\n')).length
  // At each kill no more mails than there are connections had been taken and not been heard of.
  const ok =
    missing === 0 && strangers === 0 && bugs === 0 && kills > 0 && doubled <= kills * 20 && states.sent === count && code === 0
  return { name, ok, row: { mails: count, kills, missing, strangers, 'taken twice': doubled, bugs, exit: code } }
}

/** A third of all mails to a domain that takes none, a third to one that takes its time, the rest to fifty others. */
async function withDeadAndSlow(place: Place, folder: string): Promise<Found> {
  const count = Number(values.rate)
  const times: number[] = []
  let toSlow = 0
  const server = await openFaultServer(test, {
    keeps: false,
    slowMs: SLOW_MS,
    ofMails: (recipient) =>
      recipient.endsWith('@dead.example') ? '451' : recipient.endsWith('@slow.example') ? 'slow-recipient' : undefined,
    onTaken: ({ to: [recipient = ''] }) => {
      if (recipient.endsWith('@slow.example')) toSlow++
      else times.push(performance.now())
    },
  })
  const database = await prepared(place, folder, `smtp://127.0.0.1:${server.port}`)
  const name = database.product.name
  const domains = ['dead.example', 'slow.example']
  await oweAll(
    database,
    Array.from({ length: count }, (_, i) => `person${i}@${domains[i % 3] ?? `domain${i % OTHER_DOMAINS}.example`}`),
  )
  const others = Math.floor(count / 3)
  const begun = performance.now()
  const node = await startMailing(place, folder, `smtp://127.0.0.1:${server.port}`)
  while (performance.now() - begun < PATIENCE_MS && times.length < others) await wait(50)
  const cpu = cpuSecondsOf(node.pid)
  const states = await statesIn(database)
  const bugs = bugsIn(node.logged()).length
  await node.stop()
  await database.close()
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
  const perSecond = Math.round(times.length / seconds)
  const ok = times.length >= others && perSecond >= RATE && bugs === 0
  const row = {
    ...{ mails: count, 'to others': times.length, seconds: seconds.toFixed(1), 'per second': perSecond, 'to slow': toSlow },
    ...{ deferred: states.deferred ?? 0, waiting: states.queued ?? 0, bugs, 'CPU seconds': cpu.toFixed(1) },
  }
  return { name, ok, row }
}

/** How long a process has had a processor, in seconds; Linux counts it in hundredths. */
function cpuSecondsOf(pid: number): number {
  const [, user = '0', system = '0'] = /^\d+ \(.*\)(?: \S+){11} (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  return (Number(user) + Number(system)) / 100
}

/** A database with the schema, before anything runs on it. */
async function prepared(place: Place, folder: string, mailUrl: string) {
  const node = await startMailing(place, folder, mailUrl)
  await node.stop()
  return place.open()
}
