import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { unmigratedDatabase } from '../../../test/engine.ts'
import { migrations } from '../../migrations.ts'
import { systemClock } from '../clock.ts'
import type { Database } from './database.ts'
import { migrate, migrationStates, SchemaTooNew } from './migrate.ts'

const clock = systemClock

async function openTwice(t: TestContext): Promise<[Database, Database]> {
  const { open, drop } = await unmigratedDatabase()
  const nodes: [Database, Database] = [await open(), await open()]
  t.after(async () => {
    for (const node of nodes) await node.close()
    await drop()
  })
  return nodes
}

test('a migration that is cut off after any of its steps finishes when it is run again', async (t) => {
  const [database] = await openTwice(t)
  const steps = migrations.flatMap((migration) => migration.steps)

  for (let cutAt = 0; cutAt < steps.length; cutAt += 7) {
    let step = 0
    await assert
      .rejects(
        migrate(database, {
          migrations,
          clock,
          onStep: () => {
            if (step++ === 3) throw new Error('killed')
          },
        }),
        /killed/,
      )
      .catch(() => {})
  }
  // An engine whose DDL commits by itself may also be cut off between a step and its mark.
  await database.write(async (db) => {
    for (const { step } of await db.selectFrom('schema_steps').select('step').orderBy('applied_at', 'desc').limit(2).execute())
      await db.deleteFrom('schema_steps').where('step', '=', step).execute()
  })
  await migrate(database, { migrations, clock })

  assert.ok((await migrationStates(database, migrations)).every(({ state }) => state === 'applied'))
  assert.equal((await database.reader.selectFrom('queues').selectAll().execute()).length, 1)
  assert.deepEqual(await migrate(database, { migrations, clock }), [])
})

test('two nodes that start at once migrate once', async (t) => {
  const [one, two] = await openTwice(t)

  const finished = await Promise.all([migrate(one, { migrations, clock }), migrate(two, { migrations, clock })])

  assert.equal(finished.flat().length, migrations.length)
  assert.equal((await one.reader.selectFrom('settings').selectAll().execute()).length, 1)
})

test('a node that loses to another one at a commit tries again, and migrates', async (t) => {
  const [database] = await openTwice(t)
  let writes = 0
  // As a member of a Galera cluster says it when another one was first.
  const lost = Object.assign(new Error('Deadlock found when trying to get lock; try restarting transaction'), { errno: 1213 })
  const loser: Database = { ...database, write: (work) => (writes++ % 3 === 0 ? Promise.reject(lost) : database.write(work)) }

  const finished = await migrate(loser, { migrations, clock })

  assert.equal(finished.length, migrations.length)
})

test('a schema that is newer than the program is refused', async (t) => {
  const [database] = await openTwice(t)
  await migrate(database, { migrations, clock })
  await database.write(async (db) => {
    await db.insertInto('schema_steps').values({ migration: '9999-from-the-future', step: 'x', applied_at: 0 }).execute()
  })

  await assert.rejects(migrate(database, { migrations, clock }), SchemaTooNew)
})
