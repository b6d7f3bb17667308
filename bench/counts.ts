import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { migrations } from '../src/app.ts'
import { countSavedTickets } from '../src/modules/tickets/index.ts'
import type { StatusCategory, TicketRow } from '../src/modules/tickets/tables.ts'
import { rankInLine, waits } from '../src/modules/tickets/ticket.ts'
import { countQueues } from '../src/modules/views/queue-counts.ts'
import { type Actor, systemActor } from '../src/platform/actor.ts'
import { systemClock } from '../src/platform/clock.ts'
import { connectionOf } from '../src/platform/database/connection.ts'
import type { Database } from '../src/platform/database/database.ts'
import { migrate } from '../src/platform/database/migrate.ts'
import { openDatabase } from '../src/platform/database/open.ts'
import { insertRow, insertRows } from '../src/platform/database/prepared.ts'
import type { Reader } from '../src/platform/database/schema.ts'
import { newId } from '../src/platform/ids.ts'
import { createLog } from '../src/platform/log.ts'
import { makeTicket } from './seed.ts'

// How long counts take on a large desk, with the indexes that were made for them and without: the fastest and the middle of
// several runs. Nine tenths of the tickets are closed, as on a desk that is some years old.

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite,mariadb' },
    tickets: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '7' },
    url: { type: 'string', default: 'root@127.0.0.1:3306' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'beckon-counts-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const quiet = createLog({ level: 'silent', format: 'json' })
const RUNS = Number(flags.runs)

// Of a hundred tickets, the oldest closed.
const STATUSES: StatusCategory[] = [
  ...Array.from({ length: 90 }, () => 'closed' as const),
  ...(['solved', 'solved', 'new', 'new', 'open', 'open', 'open', 'pending', 'pending', 'on_hold'] as const),
]
const queues = Array.from({ length: 40 }, () => newId('que')).sort()
const agents = Array.from({ length: 100 }, () => newId('usr')).sort()
const requesters = Array.from({ length: 5000 }, () => newId('usr')).sort()

async function open(engine: string): Promise<{ database: Database; drop: () => Promise<void> }> {
  if (engine === 'sqlite') {
    const database = await openDatabase(
      { engine: 'sqlite', path: join(folder, 'counts.db'), synchronous: 'OFF' },
      { poolSize: 2, log: quiet },
    )
    return { database, drop: async () => rmSync(join(folder, 'counts.db')) }
  }
  const { hostname: host, port, username: user, password } = new URL(`mysql://${flags.url}`)
  const name = 'beckon_bench_counts'
  const run = async (sql: string) => {
    const connection = await createConnection({ host, port: Number(port), user, password })
    await connection.query(sql)
    await connection.end()
  }
  await run(`drop database if exists ${name}`)
  await run(`create database ${name} character set utf8mb4 collate utf8mb4_bin`)
  const database = await openDatabase(
    { engine: 'mysql', host, port: Number(port), user, password, database: name, tls: 'off' },
    { poolSize: 2, log: quiet },
  )
  return { database, drop: () => run(`drop database ${name}`) }
}

function pick<T>(from: readonly T[], i: number, step: number): T {
  return from[(i * step) % from.length] as T // never empty
}

function ticketOf(i: number, started: number): TicketRow {
  const queue_id = pick(queues, i, 7)
  const status_category = pick(STATUSES, i, 37)
  const isTaken = status_category !== 'new' && i % 4 !== 0
  const facts = {
    assignee_id: isTaken ? pick(agents, i, 11) : null,
    status_category,
    priority: (Math.floor(i / 3) % 4) + 1,
    deleted_at: i % 1000 === 0 ? started : null,
    due_at: null,
  }
  const filling = {
    tickets: 0,
    messagesEach: 0,
    requester_id: pick(requesters, i, 13),
    agent_id: '',
    queue_id,
    onProgress: () => {},
  }
  const { ticket } = makeTicket(i, { at: started + i * 1000, head: 0, filling })
  const sleeps = status_category === 'pending' || status_category === 'on_hold'
  const status = status_category
  return {
    ...ticket,
    ...facts,
    status,
    waiting_rank: waits(facts) ? rankInLine(facts, 'due') : null,
    pending_until: sleeps && i % 2 === 0 ? started : null,
  }
}

/** Takes the indexes of tickets away, and answers what brings them back: so a desk is filled in a fraction of the time. */
async function withoutIndexes(database: Database): Promise<string[]> {
  const query = async (statement: string) =>
    (await connectionOf(database.reader).query(statement, [])).rows as { name: string; text: string }[]
  const isSqlite = database.engine === 'sqlite'
  const indexes = isSqlite
    ? await query("select name, sql as text from sqlite_schema where type = 'index' and tbl_name = 'tickets' and sql is not null")
    : await query(`select index_name as name, concat(if(max(non_unique) = 0, 'add unique key ', 'add key '), index_name, ' (',
        group_concat(column_name order by seq_in_index), ')') as text from information_schema.statistics
        where table_schema = database() and table_name = 'tickets' and index_name <> 'PRIMARY' group by index_name`)
  const drops = isSqlite
    ? indexes.map(({ name }) => `drop index ${name}`)
    : [`alter table tickets ${indexes.map(({ name }) => `drop key ${name}`).join(', ')}`]
  await write(database, drops)
  const texts = indexes.map(({ text }) => text)
  return isSqlite ? texts : [`alter table tickets ${texts.join(', ')}`]
}

async function write(database: Database, statements: string[]): Promise<void> {
  await database.write(async (db) => {
    for (const statement of statements) await connectionOf(db).query(statement, [])
  })
}

async function fill(database: Database, count: number): Promise<void> {
  const indexes = await withoutIndexes(database)
  const started = Date.now() - count * 1000
  const CHUNK = 200
  for (let done = 0; done < count; ) {
    await database.write(async (db) => {
      for (let part = 0; part < 50 && done < count; part++, done += CHUNK) {
        const rows = Array.from({ length: Math.min(CHUNK, count - done) }, (_, i) => ticketOf(done + i, started))
        await insertRows(db, 'tickets', rows)
        const tags = rows.flatMap(({ id }, i) => ((done + i) % 50 === 0 ? [{ ticket_id: id, tag: 'vip' }] : []))
        await insertRows(db, 'ticket_tags', tags)
      }
    })
    if (process.stderr.isTTY) process.stderr.write(`\r${done} tickets`)
  }
  await database.write(async (db) => {
    for (const [i, id] of queues.entries())
      await insertRow(db, 'queues', {
        ...(await db.selectFrom('queues').selectAll().where('key', '=', 'general').executeTakeFirstOrThrow()),
        id,
        key: `queue-${i}`,
      })
  })
  await write(database, [...indexes, database.engine === 'sqlite' ? 'analyze' : 'analyze table tickets, ticket_tags'])
}

const agent: Actor = { ...systemActor, type: 'user', role: 'agent', id: agents[0] ?? '', queue_ids: queues.slice(0, 6) }
const admin: Actor = { ...systemActor, type: 'user', role: 'admin', id: agents[1] ?? '' }

const counted: Record<string, Record<string, string>> = {
  everything: {},
  'status_category=open': { status_category: 'open' },
  'status_category=new,open': { status_category: 'new,open' },
  'new,open · me': { status_category: 'new,open', assignee_id: 'me' },
  'new,open · none': { status_category: 'new,open', assignee_id: 'none' },
  'open · one queue': { status_category: 'open', queue_id: queues[2] ?? '' },
  'open · urgent': { status_category: 'open', priority: 'urgent' },
  'open · vip': { status_category: 'open', tag: 'vip' },
  'pending,on_hold · me': { status_category: 'pending,on_hold', assignee_id: 'me' },
  'status_category=closed': { status_category: 'closed' },
}

async function measured(run: () => Promise<unknown>): Promise<string> {
  const times: number[] = []
  await run()
  for (let i = 0; i < RUNS; i++) {
    const began = performance.now()
    await run()
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  return `${times[0]?.toFixed(1)} · ${times[Math.floor(RUNS / 2)]?.toFixed(1)}`
}

async function measure(db: Reader): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const [name, actor] of Object.entries({ agent, admin })) {
    for (const [what, filters] of Object.entries(counted))
      found.set(`${name}: ${what}`, await measured(() => countSavedTickets(db, actor, { filters, sort: null })))
    found.set(`${name}: numbers of queues`, await measured(() => countQueues(db, actor, Date.now())))
  }
  return found
}

async function dropIndex(database: Database, name: string): Promise<void> {
  const statement = database.engine === 'sqlite' ? `drop index tickets_${name}` : `drop index ${name} on tickets`
  await write(database, [statement])
}

for (const engine of flags.engine.split(','))
  for (const count of flags.tickets.split(',').map(Number)) {
    const { database, drop } = await open(engine)
    await migrate(database, { migrations, clock: systemClock })
    await fill(database, count)
    const columns = [await measure(database.reader)]
    await dropIndex(database, 'assignee_open')
    columns.push(await measure(database.reader))
    console.log(`\n${database.product.name} ${database.product.version}, ${count} tickets, ms: fastest · middle of ${RUNS}\n`)
    console.log('| count | as it is | without assignee_open |\n| --- | ---: | ---: |')
    for (const [what, first] of columns[0] ?? [])
      console.log(`| ${what} | ${[first, ...columns.slice(1).map((column) => column.get(what))].join(' | ')} |`)
    await database.close()
    await drop()
  }
