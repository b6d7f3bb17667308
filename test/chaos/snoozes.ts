// Snoozed tickets that fall due while a node is killed: Beckon as it is served, and its own kind of timer.
import { setTimeout as wait } from 'node:timers/promises'
import { makeTicket } from '../../bench/seed.ts'
import { WAKE } from '../../src/modules/tickets/timers.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { insertRows } from '../../src/platform/database/prepared.ts'
import { setTimer } from '../../src/platform/timers.ts'
import { createTransactor } from '../../src/platform/transaction.ts'
import type { Place } from './engine.ts'
import { admin, type BeckonNode, between, bugsIn, freePort, logIn, mustSend, percentile, startNode } from './node.ts'

const IN_TIME_MS = 2000
const AHEAD_MS = 10_000
const SPAN_MS = 12_000
const AWAY_MS = 3000
const BURST = 200
const CHUNK = 100
const PATIENCE_MS = 30_000

/** What came of a run. */
export interface Found {
  name: string
  row: Record<string, number>
  ok: boolean
}

/** One node per folder: the first is killed while many tickets wake at one moment, and comes back while the others do. */
export async function wakeThrough(place: Place, folders: readonly string[], count: number): Promise<Found> {
  const start = async (folder: string): Promise<BeckonNode> =>
    startNode({ folder, port: await freePort(), databaseUrl: place.url })
  const nodes: BeckonNode[] = []
  for (const folder of folders) nodes.push(await start(folder))
  const [victim] = nodes
  if (!victim) throw new Error('there is no node')
  const database = await place.open()
  const { name } = database.product

  const from = systemClock.now() + AHEAD_MS
  const middle = from + SPAN_MS / 2
  const due = await snooze(database, {
    victim,
    count,
    dueOf: (i) => (i < BURST ? middle : Math.round(between(from, from + SPAN_MS))),
  })
  const seededLate = systemClock.now() > from
  await until(middle + between(20, 120))
  const wokenBefore = (await woken(database)).length
  victim.kill('SIGKILL')
  const killed_at = systemClock.now()
  await victim.ended
  const left = await countAsleep(database)
  await wait(AWAY_MS)
  nodes[0] = await start(folders[0] ?? '')
  const back_at = systemClock.now()
  await until(from + SPAN_MS)
  const givenUp = performance.now() + PATIENCE_MS
  while ((await countAsleep(database)) > 0 && performance.now() < givenUp) await wait(50)

  const events = await woken(database)
  const times = Map.groupBy(events, ({ subject_id }) => subject_id)
  const opened = await database.reader.selectFrom('tickets').select('id').where('status', '=', 'open').execute()
  const statusNews = await database.reader
    .selectFrom('events')
    .select('subject_id')
    .where('type', '=', 'ticket.status_changed')
    .execute()
  const wasAlone = nodes.length === 1
  const waited = events.map(({ subject_id, occurred_at }) => {
    const due_at = due.get(subject_id) ?? 0
    return occurred_at - (wasAlone && occurred_at > killed_at && due_at < back_at ? Math.max(due_at, back_at) : due_at)
  })
  const exits = await Promise.all(nodes.map((node) => node.stop()))
  const bugs = nodes.flatMap((node) => bugsIn(node.logged()))
  for (const line of bugs.slice(0, 3)) console.error(line.slice(0, 1500))
  await database.close()
  const row = {
    'snoozed tickets': due.size,
    nodes: nodes.length,
    'woken before the kill': wokenBefore,
    'asleep at the kill': left,
    'never woken': [...due.keys()].filter((id) => !times.has(id)).length,
    'woken twice': events.length - times.size,
    'not open in the end': due.size - opened.length,
    'changes of status too many': statusNews.length - due.size,
    'too early': events.filter(({ subject_id, occurred_at }) => occurred_at < (due.get(subject_id) ?? 0)).length,
    'p99 ms from due or restart': percentile(waited, 0.99),
    'max ms': percentile(waited, 1),
  }
  if (seededLate) console.error(`${name}: some were due before they were there`)
  const isExact = row['never woken'] + row['woken twice'] + row['not open in the end'] + row['too early'] === 0
  const isWhole = row['changes of status too many'] === 0 && bugs.length === 0 && exits.every((exit) => exit === 0)
  return { name, row, ok: isExact && isWhole && left > 0 && wokenBefore > 0 && !seededLate && row['max ms'] <= IN_TIME_MS }
}

/** Pending tickets with their timers, as another process would set them: nobody is woken. */
async function snooze(
  database: Database,
  { victim, count, dueOf }: { victim: BeckonNode; count: number; dueOf: (i: number) => number },
): Promise<Map<string, number>> {
  const token = await logIn(victim.url, admin)
  const [me, settings] = [
    await mustSend(victim.url, { path: '/v1/me', token }),
    await mustSend(victim.url, { path: '/v1/settings', token }),
  ]
  const [requester_id, queue_id] = [String(me.id), String(settings.default_queue_id)]
  const filling = { tickets: 0, messagesEach: 0, requester_id, agent_id: requester_id, queue_id, onProgress: () => {} }
  const transact = createTransactor({ database, clock: systemClock, reactions: [], onCommit: () => {} })()
  const due = new Map<string, number>()
  for (let done = 0; done < count; done += CHUNK) {
    const tickets = Array.from({ length: Math.min(CHUNK, count - done) }, (_, i) => {
      const pending = {
        status: 'pending',
        status_category: 'pending' as const,
        waiting_rank: null,
        solved_at: null,
        closed_at: null,
      }
      const { ticket } = makeTicket(done + i, { at: systemClock.now() - 1000, head: 0, filling })
      return { ...ticket, ...pending, pending_until: dueOf(done + i) }
    })
    await transact(async (tx) => {
      await insertRows(tx.db, 'tickets', tickets)
      for (const { id, pending_until } of tickets) await setTimer(tx, { kind: WAKE, subject_id: id, due_at: pending_until })
    })
    for (const { id, pending_until } of tickets) due.set(id, pending_until)
  }
  return due
}

async function woken({ reader }: Database): Promise<{ subject_id: string; occurred_at: number }[]> {
  return reader.selectFrom('events').select(['subject_id', 'occurred_at']).where('type', '=', 'ticket.woken').execute()
}

async function countAsleep({ reader }: Database): Promise<number> {
  const query = reader
    .selectFrom('timers')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('kind', '=', WAKE)
  return Number((await query.executeTakeFirstOrThrow()).n)
}

async function until(at: number): Promise<void> {
  await wait(Math.max(0, at - systemClock.now()))
}
