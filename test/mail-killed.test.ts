import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { databaseOn, sqliteIn } from './chaos/engine.ts'
import { oweAll, statesIn } from './chaos/mails.ts'
import { freePort, startNode, temporaryFolder } from './chaos/node.ts'
import { openFaultServer } from './smtp-server.ts'

// The same again and again, and with the lease that runs out by itself: npm run chaos:mail.
test('a Beckon that is killed when its mail was taken sends it again, under the same Message-ID', async (t) => {
  const folder = temporaryFolder()
  const given = process.env.TEST_DATABASE_URL
  const place = given === undefined ? sqliteIn(folder) : await databaseOn(given)
  t.after(() => place.drop())
  const arrived: string[] = []
  const taken = Promise.withResolvers<void>()
  const server = await openFaultServer(t, {
    onTaken: (mail) => {
      arrived.push(String(mail.header('message-id')))
      // Before the answer goes out.
      if (arrived.length === 1) node.kill('SIGKILL')
      if (arrived.length === 1) taken.resolve()
    },
  })
  const start = async () =>
    startNode({
      ...{ folder, port: await freePort(), databaseUrl: place.url, main: ['test/chaos/mailing-node.ts'] },
      env: { BECKON_MAIL_URL: `smtp://127.0.0.1:${server.port}`, BECKON_MAIL_CONNECTIONS: '1' },
    })
  let node = await start()
  const database = await place.open()

  const owed = await oweAll(database, ['ada@example.com', 'bob@example.com', 'cara@example.com'])
  await taken.promise
  await node.ended
  const held = await statesIn(database)
  // As if the minute of its lease had passed.
  await database.write((db) => db.updateTable('outbound_mails').set({ due_at: 1 }).where('state', '=', 'sending').execute())
  node = await start()
  while ((await statesIn(database)).sent !== owed.size) await wait(50)
  const code = await node.stop()
  await database.close()

  assert.equal(held.sending, 1)
  assert.equal(code, 0)
  assert.deepEqual(new Set(arrived), owed)
  const [first = ''] = arrived
  assert.deepEqual(
    arrived.filter((id, i) => arrived.indexOf(id) !== i),
    [first],
  )
})
