import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { freshDatabase } from '../../../test/engine.ts'
import { openDiskStore } from '../../platform/files/disk.ts'
import { createLog } from '../../platform/log.ts'
import { createTransactor } from '../../platform/transaction.ts'
import { rememberStep } from './commands/remember-step.ts'
import { parseMail } from './parse-mail.ts'
import { ParsingFailed } from './parser.ts'
import { createReceive } from './receiving.ts'
import { mailSweeps } from './sweep.ts'
import { createMailWorker } from './working.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** A worker and a way in, on a database and a folder of their own, and nothing else of the house. */
async function openHouse(t: TestContext, before: (subject: string) => Promise<void> = async () => {}) {
  const { open } = await freshDatabase()
  const database = await open()
  const folder = mkdtempSync(join(tmpdir(), 'beckon-inbound-'))
  // The stores say the real time of their files.
  let now = Date.now()
  const clock = { now: () => now }
  const transact = createTransactor({ database, clock, reactions: [], onCommit: () => {} })()
  const ground = { database, clock, transact, log: createLog({ level: 'silent', format: 'json' }) }
  const files = openDiskStore(folder)
  const ended: string[] = []
  const worker = createMailWorker({
    ...ground,
    files,
    parse: async (raw) => {
      if (Buffer.from(raw).includes('poison')) throw new ParsingFailed('too_slow')
      const parsed = await parseMail(raw)
      assert.ok(!('refused' in parsed))
      return parsed
    },
    process: async (row, { subject }) => {
      await before(subject)
      await transact((tx) => rememberStep(tx, row, { state: 'ignored', reason: 'tried' }, { step: 'decided' }))
      ended.push(subject)
    },
    onTried: () => {},
    patienceMs: 0,
  })
  t.after(async () => {
    await worker.stop()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const receive = createReceive(ground, { files, limitBytes: 10_000, onReceived: () => {} })
  return {
    ...ground,
    files,
    worker,
    ended,
    sweep: async (keptDays = 0) => {
      for (const chore of mailSweeps({ ...ground, files, keptDays })) await chore()
    },
    advance: (ms: number) => {
      now += ms
    },
    bring: (name: string) =>
      receive({
        source: 'http',
        source_ref: null,
        mailbox_id: null,
        envelope_from: null,
        envelope_to: [],
        content: Readable.from([Buffer.from(`From: ada@example.com\r\nSubject: ${name}\r\n\r\n${name}\r\n`)]),
      }),
    rows: () => database.reader.selectFrom('inbound_mails').selectAll().orderBy('id').execute(),
    kept: () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length,
  }
}

test('a poisonous mail is tried again, then put aside, and those behind it go on', async (t) => {
  const house = await openHouse(t)
  for (const name of ['one', 'poison', 'two', 'three']) await house.bring(name)

  await house.worker.settle()

  assert.deepEqual(house.ended, ['one', 'two', 'three'])
  assert.deepEqual(
    (await house.rows()).map(({ state, attempts }) => `${state} ${attempts}`),
    ['ignored 1', 'received 1', 'ignored 1', 'ignored 1'],
  )
  for (let i = 0; i < 6; i++) {
    house.advance(HOUR)
    await house.worker.settle()
  }
  const [, poisoned] = await house.rows()
  assert.deepEqual([poisoned?.state, poisoned?.reason, poisoned?.attempts], ['quarantined', 'too_slow', 5])
  const events = await house.database.reader.selectFrom('events').select(['type', 'subject_id']).execute()
  assert.deepEqual(events, [{ type: 'inbound_mail.quarantined', subject_id: poisoned?.id }])
})

test('a node that stops gives back the mails that it holds, begun or not', async (t) => {
  const { promise: stuck, resolve: free } = Promise.withResolvers<void>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const house = await openHouse(t, async () => {
    start()
    await stuck
  })
  for (let i = 0; i < 8; i++) await house.bring(`mail ${i}`)
  house.worker.wake()
  await started

  await house.worker.stop()
  const rows = await house.rows()
  free()

  assert.deepEqual(new Set(rows.map(({ attempts, lease_token }) => `${attempts} ${lease_token}`)), new Set(['0 null']))
  assert.ok(rows.every(({ due_at }) => due_at <= house.clock.now()))
})

test('whoever lost a mail to another node changes nothing any more', async (t) => {
  const house = await openHouse(t)
  await house.bring('one')
  const [row] = await house.rows()
  assert.ok(row)

  const late = house.transact((tx) =>
    rememberStep(tx, { ...row, lease_token: 'lea_old' }, { state: 'applied' }, { step: 'applied' }),
  )

  await assert.rejects(late, { name: 'LeaseLost' })
  assert.equal((await house.rows())[0]?.state, 'received')
})

test('a mail that was written down and has no row goes; one with a row stays until its days are over', async (t) => {
  const house = await openHouse(t)
  await house.bring('one')
  await house.worker.settle()
  // As a crash between the two leaves it.
  const tooLong = () => assert.fail()
  const received = await house.files.spool.receive(Readable.from([Buffer.from('stray')]), { limitBytes: 10, tooLong })
  await house.files.put(`${received.sha256}-0`, received)
  assert.equal(house.kept(), 2)

  await house.sweep(30)
  assert.equal(house.kept(), 2)
  house.advance(2 * HOUR)
  await house.sweep(30)
  assert.equal(house.kept(), 1)
  house.advance(31 * DAY)
  await house.sweep(0)
  assert.equal(house.kept(), 1)
  await house.sweep(30)
  assert.equal(house.kept(), 0)
  assert.equal((await house.rows())[0]?.storage_key, '')
})
