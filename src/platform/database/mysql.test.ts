import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { freshDatabase } from '../../../test/engine.ts'
import { connectionOf } from './connection.ts'
import { isAway } from './errors.ts'
import { sessionStatements } from './mysql-session.ts'

const skip = process.env.TEST_DATABASE_URL === undefined

/** A database with a procedure that says so often what a member of a Galera cluster says when another one was first. */
async function openLoser(t: TestContext, times: number) {
  const { open } = await freshDatabase()
  const database = await open()
  const run = (text: string) => connectionOf(database.reader).query(text, [])
  t.after(async () => {
    await run('drop procedure lose')
    await run('drop table tries')
    await database.close()
  })
  // The numbers that it gives are not taken back with the rest.
  await run('create table tries (id bigint auto_increment primary key)')
  await run(`create procedure lose() begin
    insert into tries () values ();
    if last_insert_id() <= ${times} then signal sqlstate '40001' set mysql_errno = 1213, message_text = 'lost'; end if;
  end`)
  return { run, tries: async () => Number((await run('select max(id) as id from tries')).rows[0]?.id) }
}

test('a read that another member of the cluster has ended is run again', { skip }, async (t) => {
  const { run, tries } = await openLoser(t, 2)

  await run('call lose()')

  assert.equal(await tries(), 3)
})

test('of a read that always loses the caller is told that he may come again', { skip }, async (t) => {
  const { run } = await openLoser(t, 1000)

  await assert.rejects(run('call lose()'), (error) => isAway(error))
})

test('on a member of a Galera cluster, and only there, whoever begins waits for what others have committed', () => {
  const mariadb = { name: 'mariadb', version: '10.11.14-MariaDB' } as const
  const wait = 'set session wsrep_sync_wait = 1'

  assert.ok(sessionStatements(mariadb, { isMember: true }).includes(wait))
  assert.ok(!sessionStatements(mariadb, { isMember: false }).includes(wait))
  assert.ok(!sessionStatements({ name: 'mysql', version: '9.7.0' }, { isMember: false }).includes(wait))
})
