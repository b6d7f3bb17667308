import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { migrations, openApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createUser } from '../src/modules/directory/index.ts'
import { systemActor } from '../src/platform/actor.ts'
import { systemClock } from '../src/platform/clock.ts'
import { connectionOf } from '../src/platform/database/connection.ts'
import type { Database } from '../src/platform/database/database.ts'
import { migrate } from '../src/platform/database/migrate.ts'
import { openDatabase } from '../src/platform/database/open.ts'
import { createLog } from '../src/platform/log.ts'
import { fillDesk } from './seed.ts'

// What the indexes of counts cost each write: the same app on two databases, one without them, in turn, one request after the
// other. What counts is the least of many short rounds, because others on the machine can only make a round dearer: processor time
// on SQLite, where all work is done in this process, and elapsed time on a server.

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite,mariadb' },
    tickets: { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '15' },
    each: { type: 'string', default: '40' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'beckon-cost-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const quiet = createLog({ level: 'silent', format: 'json' })
const EACH = Number(flags.each)

async function open(engine: string, name: string): Promise<Database> {
  if (engine === 'sqlite') return openDatabase({ engine, path: join(folder, `${name}.db`) }, { poolSize: 2, log: quiet })
  const database = `beckon_cost_${name}`
  const connection = await createConnection({ host: '127.0.0.1', port: 3306, user: 'root' })
  await connection.query(`drop database if exists ${database}`)
  await connection.query(`create database ${database} character set utf8mb4 collate utf8mb4_bin`)
  await connection.end()
  const address = { engine: 'mysql', host: '127.0.0.1', port: 3306, user: 'root', password: '', database, tls: 'off' } as const
  return openDatabase(address, { poolSize: 4, log: quiet })
}

async function desk(engine: string, name: 'with' | 'without') {
  const database = await open(engine, name)
  await migrate(database, { migrations, clock: systemClock })
  if (name === 'without')
    await database.write(async (db) => {
      for (const index of ['counted', 'assignee_open'])
        await connectionOf(db).query(
          engine === 'sqlite' ? `drop index tickets_${index}` : `alter table tickets drop key ${index}`,
          [],
        )
    })
  const config = loadConfig({ env: { BECKON_RATE_LIMIT_PER_MINUTE: '0' } })
  const app = await openApp({ config, database, clock: systemClock, log: quiet, secret: 'x'.repeat(48) })
  const person = (role: 'agent' | 'requester') =>
    app.transact(async (tx) => {
      const user = await createUser(tx, systemActor, { role, name: role, email: `${role}@example.com`, email_is_proven: true })
      return { id: user.id, token: (await app.accounts.openSession(tx, user.id)).access_token }
    })
  const [agent, requester] = [await person('agent'), await person('requester')]
  const { default_queue_id: queue_id } = await database.reader.selectFrom('settings').selectAll().executeTakeFirstOrThrow()
  const people = { requester_id: requester.id, agent_id: agent.id, queue_id }
  await app.settle()
  await fillDesk(database, { ...people, tickets: Number(flags.tickets), messagesEach: 2, onProgress: () => {} })
  const send = async (token: string, url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${token}` }
    const { statusCode, body } = await app.server.inject({ method: 'POST', url, headers, ...(payload ? { payload } : {}) })
    if (statusCode >= 300) throw new Error(`${url}: ${body}`)
    return JSON.parse(body)
  }
  let made: string[] = []
  const rows: Record<string, () => Promise<void>> = {
    create: async () => {
      made = []
      for (let i = 0; i < EACH; i++)
        made.push(
          (await send(requester.token, '/v1/tickets', { subject: 'A printer', body: 'It smokes.', priority: 'urgent' })).id,
        )
    },
    reply: async () => {
      for (const id of made) await send(requester.token, `/v1/tickets/${id}/messages`, { body: 'And it smokes still.' })
    },
    'claim next': async () => {
      for (let i = 0; i < EACH; i++) await send(agent.token, `/v1/queues/${queue_id}/claim`)
    },
  }
  return { app, rows }
}

function spent(engine: string): number {
  if (engine !== 'sqlite') return performance.now()
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

for (const engine of flags.engine.split(',')) {
  const desks = { with: await desk(engine, 'with'), without: await desk(engine, 'without') }
  const fastest = new Map<string, number>()
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const row of ['create', 'reply', 'claim next'])
      for (const name of round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        const began = spent(engine)
        await desks[name].rows[row]?.()
        const ms = (spent(engine) - began) / EACH
        fastest.set(`${row} ${name}`, Math.min(ms, fastest.get(`${row} ${name}`) ?? ms))
        await desks[name].app.settle()
      }
  for (const row of ['create', 'reply', 'claim next']) {
    const [those, none] = [fastest.get(`${row} with`) ?? 0, fastest.get(`${row} without`) ?? 0]
    console.log(`| ${engine} | ${row} | ${none.toFixed(2)} | ${those.toFixed(2)} | ${(those / none).toFixed(2)} |`)
  }
  for (const { app } of Object.values(desks)) await app.close()
}
process.exit(0)
