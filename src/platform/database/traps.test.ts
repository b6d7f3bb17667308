import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { freshDatabase } from '../../../test/engine.ts'
import { FIRST_LIFECYCLE } from '../../migrations/0003-workflow.ts'
import { defaultPolicy } from '../../modules/desk/assignment.ts'
import { systemClock } from '../clock.ts'
import { createTransactor } from '../transaction.ts'
import { connectionOf } from './connection.ts'
import type { Database } from './database.ts'
import { forUpdate, nextNumber } from './dialect.ts'
import { isDuplicate } from './errors.ts'
import { insertRow } from './prepared.ts'

// The traps of databases that were measured or read; each has cost somebody data.

const engine = process.env.TEST_DATABASE_URL ? 'mysql' : 'sqlite'

async function open(t: { after(fn: () => Promise<void>): void }, options: { synchronous?: 'FULL' | 'OFF' } = {}) {
  const { address, open } = await freshDatabase(options)
  const database = await open()
  t.after(() => database.close())
  return { address, database, transact: createTransactor({ database, clock: systemClock, reactions: [], onCommit: () => {} })() }
}

async function setCounter(database: Database, position: number): Promise<void> {
  await database.write(async (db) => {
    await db.updateTable('log_head').set({ position }).where('id', '=', 1).execute()
  })
}

test('SQLite keeps what it acknowledged when power fails: WAL, synchronous FULL, a read-only reader', {
  skip: engine !== 'sqlite',
}, async (t) => {
  const { database } = await open(t, { synchronous: 'FULL' })

  const pragma = (name: string) => database.write(async (db) => (await connectionOf(db).query(`pragma ${name}`, [])).rows[0])
  assert.equal((await pragma('journal_mode'))?.journal_mode, 'wal')
  assert.equal((await pragma('synchronous'))?.synchronous, 2)
  await assert.rejects(database.reader.updateTable('log_head').set({ position: 7 }).execute(), /readonly|query_only/i)
})

test('a read outside does not wait for a transaction, and sees nothing of it before it commits', async (t) => {
  const { database } = await open(t)
  const read = async () => (await database.reader.selectFrom('log_head').select('position').executeTakeFirstOrThrow()).position

  await database.write(async (db) => {
    await db.updateTable('log_head').set({ position: 5 }).execute()
    assert.equal(await read(), 0)
  })

  assert.equal(await read(), 5)
})

test('a transaction inside a transaction is refused at once, and does not hang', async (t) => {
  const { database, transact } = await open(t)

  await assert.rejects(
    transact(() => database.write(async () => {})),
    /inside a transaction/,
  )
})

test('fifty concurrent increments are fifty', async (t) => {
  const { database, transact } = await open(t)

  await Promise.all(
    Array.from({ length: 50 }, () =>
      transact(async (tx) => {
        const { position } = await forUpdate(tx.db, tx.db.selectFrom('log_head').select('position')).executeTakeFirstOrThrow()
        await tx.db
          .updateTable('log_head')
          .set({ position: position + 1 })
          .execute()
      }),
    ),
  )

  assert.equal((await database.reader.selectFrom('log_head').select('position').executeTakeFirstOrThrow()).position, 50)
})

test('a deadlock is run again, the whole transaction, and both succeed', { skip: engine !== 'mysql' }, async (t) => {
  const { database, transact } = await open(t)
  const queue = (id: string) => ({
    id,
    key: id,
    name: id,
    public: 0,
    lifecycle_id: FIRST_LIFECYCLE,
    ...defaultPolicy,
    external_id: null,
    metadata: '{}',
    unverified_mail: 'new_ticket' as const,
    archived_at: null,
    created_at: 0,
    updated_at: 0,
    version: 1,
  })
  await database.write(async (db) => {
    await insertRow(db, 'queues', queue('que_1'))
    await insertRow(db, 'queues', queue('que_2'))
  })
  let runs = 0
  const touch = (first: string, second: string) =>
    transact(async (tx) => {
      runs++
      for (const id of [first, second]) {
        await tx.db
          .updateTable('queues')
          .set((eb) => ({ version: eb('version', '+', 1) }))
          .where('id', '=', id)
          .execute()
        await wait(30)
      }
    })

  await Promise.all([touch('que_1', 'que_2'), touch('que_2', 'que_1')])

  const rows = await database.reader.selectFrom('queues').select('version').where('id', 'in', ['que_1', 'que_2']).execute()
  assert.deepEqual(
    rows.map(({ version }) => version),
    [3, 3],
  )
  assert.ok(runs >= 3, 'one of the two was the victim')
})

test('ids and keys compare byte by byte, whatever the default collation is', async (t) => {
  const { database } = await open(t)
  const row = (id: string, key: string) => ({
    id,
    key,
    name: 'Same',
    public: 0,
    lifecycle_id: FIRST_LIFECYCLE,
    ...defaultPolicy,
    external_id: null,
    metadata: '{}',
    unverified_mail: 'new_ticket' as const,
    archived_at: null,
    created_at: 0,
    updated_at: 0,
    version: 1,
  })

  await database.write(async (db) => {
    await insertRow(db, 'queues', row('que_a', 'straße'.replace('ß', 'ss')))
    await insertRow(db, 'queues', row('que_A', 'STRASSE'))
    await insertRow(db, 'ticket_tags', { ticket_id: 't', tag: 'é' })
    await insertRow(db, 'ticket_tags', { ticket_id: 't', tag: 'e' })
    await insertRow(db, 'ticket_tags', { ticket_id: 't', tag: '😀' })
    await insertRow(db, 'ticket_tags', { ticket_id: 't', tag: '😁' })
  })

  assert.equal((await database.reader.selectFrom('queues').select('id').where('id', '=', 'que_A').execute()).length, 1)
  assert.equal((await database.reader.selectFrom('ticket_tags').select('tag').where('tag', '=', 'e').execute()).length, 1)
  await assert.rejects(
    database.write((db) => insertRow(db, 'ticket_tags', { ticket_id: 't', tag: '😀' })),
    isDuplicate,
  )
})

test('a refused statement leaves the rest of its transaction alone', async (t) => {
  const { database } = await open(t)

  await database.write(async (db) => {
    await insertRow(db, 'ticket_tags', { ticket_id: 't', tag: 'a' })
    await assert.rejects(insertRow(db, 'ticket_tags', { ticket_id: 't', tag: 'a' }))
    await insertRow(db, 'ticket_tags', { ticket_id: 't', tag: 'b' })
  })

  assert.equal((await database.reader.selectFrom('ticket_tags').selectAll().execute()).length, 2)
})

test('taking a ticket number makes nobody wait for a commit', async (t) => {
  const { database } = await open(t)
  const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>()
  const { promise: taken, resolve: tookIt } = Promise.withResolvers<void>()
  // On SQLite the writer is alone anyway.
  const slow = database.write(async (db) => {
    const number = await nextNumber(db, 'ticket_numbers')
    tookIt()
    if (engine === 'mysql') await mayCommit
    return number
  })
  await taken

  const fast = await database.write((db) => nextNumber(db, 'ticket_numbers'))
  commit()

  assert.ok(fast > (await slow))
})

test('a transaction that fails takes nothing of its neighbours along', async (t) => {
  const { database } = await open(t)

  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      database.write(async (db) => {
        await insertRow(db, 'ticket_tags', { ticket_id: 't', tag: `tag ${i}` })
        if (i % 3 === 0) throw new Error('no')
        return i
      }),
    ),
  )

  const rows = await database.reader.selectFrom('ticket_tags').select('tag').execute()
  assert.equal(rows.length, 13)
  assert.deepEqual(
    outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [`tag ${outcome.value}`] : [])).sort(),
    rows.map(({ tag }) => tag).sort(),
  )
})

test('another process that writes is waited for', { skip: engine !== 'sqlite' }, async (t) => {
  const { address, database } = await open(t)
  assert.equal(address.engine, 'sqlite')
  if (address.engine !== 'sqlite') return
  const other = new DatabaseSync(address.path)
  other.exec('begin immediate; update log_head set position = 40')

  const write = setCounter(database, 41)
  await wait(100)
  other.exec('commit')
  other.close()
  await write

  assert.equal((await database.reader.selectFrom('log_head').select('position').executeTakeFirstOrThrow()).position, 41)
})

test('a session has the isolation and the strictness that the code relies on', { skip: engine !== 'mysql' }, async (t) => {
  const { address, database } = await open(t)
  if (address.engine !== 'mysql') return
  const admin = await createConnection({ host: address.host, port: address.port, user: address.user, password: address.password })
  t.after(() => admin.end())

  const { rows } = await connectionOf(database.reader).query(
    'select @@session.sql_mode as mode, @@session.character_set_client as charset',
    [],
  )
  assert.match(String(rows[0]?.mode), /STRICT_ALL_TABLES/)
  assert.equal(rows[0]?.charset, 'utf8mb4')
  await assert.rejects(
    database.write((db) => insertRow(db, 'ticket_tags', { ticket_id: 'x'.repeat(65), tag: 'cut off?' })),
    /too long/i,
  )
})

test('who waits too long for a row or for another writer is told within some seconds, and readers are served meanwhile', async (t) => {
  const { address, database, transact } = await open(t)
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const holding = holdWriter(address, released)
  await holding.isHeld
  const started = performance.now()

  const waiting = Array.from({ length: 10 }, () =>
    transact((tx) => tx.db.updateTable('log_head').set({ position: 1 }).where('id', '=', 1).execute()),
  )
  const outcomes = Promise.allSettled(waiting)
  const read = await database.reader.selectFrom('log_head').select('position').execute()
  const readAfter = performance.now() - started
  const reasons = (await outcomes).map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done'))
  const toldAfter = performance.now() - started
  release()
  await holding.isOver

  assert.equal(read.length, 1)
  assert.ok(readAfter < 500, `read after ${readAfter} ms`)
  assert.ok(toldAfter < 4000, `told after ${toldAfter} ms`)
  assert.deepEqual(new Set(reasons), new Set(['database_unavailable']))
})

/** Holds the row, on SQLite the writer, from another connection until it is released. */
function holdWriter(
  address: Awaited<ReturnType<typeof freshDatabase>>['address'],
  released: Promise<void>,
): { isHeld: Promise<void>; isOver: Promise<void> } {
  const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>()
  const run = async (): Promise<void> => {
    if (address.engine === 'sqlite') {
      const other = new DatabaseSync(address.path)
      other.exec('begin immediate; update log_head set position = 7')
      hold()
      await released
      other.exec('rollback')
      return other.close()
    }
    const { host, port, user, password, database } = address
    const other = await createConnection({ host, port, user, password, database })
    await other.query('begin')
    await other.query('update log_head set position = 7')
    hold()
    await released
    await other.query('rollback')
    await other.end()
  }
  return { isHeld, isOver: run() }
}
