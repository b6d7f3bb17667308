import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { Type } from 'typebox'
import { freshDatabase } from '../../../test/engine.ts'
import { openMailServer } from '../../../test/mail-server.ts'
import { systemActor } from '../../platform/actor.ts'
import { silentBus } from '../../platform/bus.ts'
import { createDispatcher } from '../../platform/deliver.ts'
import { defineEvent, type Reaction } from '../../platform/events.ts'
import { createCursors } from '../../platform/http/cursor.ts'
import { createLog } from '../../platform/log.ts'
import { createRenderer } from '../../platform/markdown/renderer.ts'
import type { Ground } from '../../platform/module.ts'
import { createSecrets } from '../../platform/secrets.ts'
import { createTransactor } from '../../platform/transaction.ts'
import { createMail, type Mail } from './index.ts'

const somethingHappened = defineEvent('something.happened', Type.Object({}))
const mail: Mail = {
  key: 'verify:reg_1',
  to: 'ada@example.com',
  subject: 'Confirm your address\r\nBcc: eve@example.com',
  text: 'Open this link.\n.\nQUIT',
  html: '<p>Open this link.</p>',
}

/** The spine with one reaction that sends `mail`, and a clock that can be moved. */
async function openSpine(t: test.TestContext, url: string | undefined) {
  const database = await (await freshDatabase()).open()
  let now = Date.UTC(2026, 10, 22, 9)
  const clock = { now: () => now }
  const reactions: Reaction[] = []
  const transact = createTransactor({ database, clock, reactions, onCommit: () => {} })()
  const secrets = createSecrets('x'.repeat(32))
  const log = createLog({ level: 'silent', format: 'json' })
  const renderer = createRenderer({ onFailure: () => {} })
  const cursors = createCursors(secrets.key('cursors'))
  const ground: Ground = { database, clock, log, secrets, cursors, bus: silentBus, renderer, transact }
  const door = createMail(ground, {
    url,
    from: 'Beckon <desk@beckon.example>',
    connections: 3,
    outboxIsServed: url === undefined,
    dkimKeyOf: async () => undefined,
  })
  reactions.push({ name: 'test.mail', on: [somethingHappened], handle: () => door.sendMail(mail) })
  const failures: unknown[] = []
  const dispatcher = createDispatcher({
    database,
    clock,
    reactions,
    onTried: ({ failure }) => {
      if (failure) failures.push(failure.error)
    },
    onError: (error) => void failures.push(error),
  })
  t.after(async () => {
    await dispatcher.stop()
    door.postOffice.close()
    await database.close()
  })
  return {
    door,
    database,
    failures,
    advance: (ms: number) => {
      now += ms
    },
    settle: () => dispatcher.settle(),
    happen: () =>
      createTransactor({ database, clock, reactions, onCommit: () => {} })()(async (tx) => {
        const subject = { type: 'thing', id: 'thing_1', version: 1 }
        tx.announce(somethingHappened, { actor: systemActor, subject, visibility: 'internal', data: {} })
      }),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const { port } = server.address() as { port: number } // listens on a port, not on a pipe
  await new Promise((done) => server.close(done))
  return port
}

test('a mail server that is away delays mail and nothing else: it arrives once the server is back', async (t) => {
  const port = await freePort()
  const spine = await openSpine(t, `smtp://127.0.0.1:${port}`)

  await spine.happen()
  await spine.settle()
  const failuresWhileAway = spine.failures.length
  const server = await openMailServer(t, { port })
  spine.advance(30_000)
  await spine.settle()

  assert.equal(failuresWhileAway, 1)
  assert.equal(server.taken.length, 1)
  assert.deepEqual(server.taken[0]?.to, ['ada@example.com'])
  assert.equal(spine.failures.length, 1)
})

test('a second try is the same mail', async (t) => {
  const server = await openMailServer(t)
  const spine = await openSpine(t, server.url)

  server.refuseNext()
  await spine.happen()
  await spine.settle()
  spine.advance(30_000)
  await spine.settle()

  const ids = [...server.refused, ...server.taken].map(({ header }) => header('message-id'))
  assert.equal(ids.length, 2)
  assert.match(String(ids[0]), /^<[0-9a-z]{26}@beckon\.example>$/)
  assert.equal(ids[0], ids[1])
})

test('a connection that the server dropped while it was idle costs no mail and no delay', async (t) => {
  const server = await openMailServer(t)
  const spine = await openSpine(t, server.url)

  await spine.door.sendMail(mail)
  server.dropConnections()
  await spine.door.sendMail({ ...mail, key: 'another' })

  assert.equal(server.taken.length, 2)
})

test('a mail says that no person wrote it, and its subject makes no header', async (t) => {
  const server = await openMailServer(t)
  const spine = await openSpine(t, server.url)

  await spine.door.sendMail(mail)

  const [taken] = server.taken
  assert.equal(taken?.header('auto-submitted'), 'auto-generated')
  assert.equal(taken?.header('from'), 'Beckon <desk@beckon.example>')
  assert.equal(taken?.header('to'), 'ada@example.com')
  assert.equal(taken?.header('bcc'), undefined)
  assert.equal(taken?.header('subject'), 'Confirm your address Bcc: eve@example.com')
  assert.deepEqual(taken?.to, ['ada@example.com'])
  assert.match(taken?.text ?? '', /multipart\/alternative/)
})

test('an address that would become two is refused before anything is sent', async (t) => {
  const server = await openMailServer(t)
  const spine = await openSpine(t, server.url)

  await assert.rejects(spine.door.sendMail({ ...mail, to: 'ada@example.com, eve@example.com' }), /not one mail address/)
  assert.equal(server.connections(), 0)
})

test('without a mail server a mail is kept once, however often it is sent', async (t) => {
  const spine = await openSpine(t, undefined)

  await spine.happen()
  await spine.happen()
  await spine.settle()

  const rows = await spine.database.reader.selectFrom('outbox_mails').selectAll().execute()
  assert.equal(rows.length, 1)
  assert.match(String(rows[0]?.id), /^out_[0-9a-z]{26}$/)
  assert.equal(rows[0]?.to_address, 'ada@example.com')
})
