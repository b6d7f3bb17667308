import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { type Desk, openDesk } from '../../../test/desk.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Every file that a desk keeps, and every one that is on its way in; their ages follow the desk's clock. */
function filesOf({ config, clock }: Desk, age = 0): string[] {
  const found = readdirSync(config.dataDir, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const file of files) utimesSync(file, (clock.now() - age) / 1000, (clock.now() - age) / 1000)
  return files
}

test('an upload that no message names is gone after a day, and its file with it', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const old = (await ada.upload({ name: 'a.txt', content: 'forgotten' })).body
  const sent = (await ada.upload({ name: 'b.txt', content: 'sent' })).body
  await ada.post('/v1/tickets', { subject: 'S', body: 'B', attachment_ids: [sent.id] })
  desk.clock.advance(DAY - HOUR)
  const admin = await desk.person({ role: 'admin' })
  const young = (await admin.upload({ name: 'c.txt', content: 'young' })).body
  await desk.announcements()

  await desk.app.tidy()
  assert.equal(filesOf(desk).length, 3)
  await desk.announced([])
  desk.clock.advance(HOUR + 1)
  await desk.app.tidy()

  assert.equal(filesOf(desk).length, 2)
  await desk.announced(['attachment.deleted'])
  const reader = await desk.person({ role: 'admin' })
  const states = [old, sent, young].map(async ({ id }) => (await reader.get(`/v1/attachments/${id}/content`)).status)
  assert.deepEqual(await Promise.all(states), [404, 200, 200])
})

test('a content goes with the last attachment that shares it', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]
  const first = (await ada.upload({ name: 'a.txt', content: 'same' })).body
  const second = (await bob.upload({ name: 'b.txt', content: 'same' })).body

  await ada.delete(`/v1/attachments/${first.id}`)
  await desk.app.tidy()
  assert.equal((await bob.get(`/v1/attachments/${second.id}/content`)).text, 'same')
  await bob.delete(`/v1/attachments/${second.id}`)
  assert.equal(filesOf(desk).length, 1)
  await desk.app.tidy()

  assert.deepEqual(filesOf(desk), [])
  assert.deepEqual(await desk.query('select * from files'), [])
  // What is gone can come again.
  assert.equal((await ada.upload({ name: 'a.txt', content: 'same' })).status, 201)
  assert.equal(filesOf(desk).length, 1)
})

test('what a ticket held goes with it', async (t) => {
  const desk = await openDesk(t)
  const [ada, admin] = [await desk.person(), await desk.person({ role: 'admin' })]
  const { id } = (await ada.upload({ name: 'a.txt', content: 'a' })).body
  const ticket = (await ada.post('/v1/tickets', { subject: 'S', body: 'B', attachment_ids: [id] })).body

  await admin.delete(`/v1/tickets/${ticket.id}`)
  assert.equal((await admin.get(`/v1/attachments/${id}`)).status, 404)
  await desk.app.tidy()

  assert.deepEqual(filesOf(desk), [])
  assert.deepEqual(await desk.query('select * from attachments'), [])
})

test('files that no row names are found once they are an hour old; others are left alone', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  await ada.upload({ name: 'a.txt', content: 'a' })
  const [kept = ''] = filesOf(desk)
  const digest = 'ab'.padEnd(64, '0')
  const folder = join(dirname(dirname(kept)), 'ab')
  mkdirSync(folder)
  writeFileSync(join(folder, `${digest}-stray`), 'x')
  // Another copy of what is kept, whose process was killed before it could remove it.
  writeFileSync(`${kept}x`, 'a')
  writeFileSync(join(dirname(folder), 'incoming', 'spl_cut'), 'half')
  writeFileSync(join(folder, 'NOT OURS'), 'x')

  filesOf(desk, HOUR - 1000)
  await desk.app.tidy()
  assert.equal(filesOf(desk, HOUR + 1000).length, 5)
  await desk.app.tidy()

  assert.deepEqual(filesOf(desk).sort(), [kept, join(folder, 'NOT OURS')].sort())
})

test('two nodes that sweep at once, while the same file comes in again, lose nothing', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]
  const other = await desk.node(desk.clock)
  for (let round = 0; round < 10; round++) {
    const { id } = (await ada.upload({ name: 'a.txt', content: 'again' })).body
    await ada.delete(`/v1/attachments/${id}`)

    const [upload] = await Promise.all([
      bob.upload({ name: 'b.txt', content: 'again' }),
      desk.app.tidy(),
      other.app.tidy(),
      bob.upload({ name: 'c.txt', content: 'again' }),
    ])

    assert.equal(upload.status, 201, upload.text)
    assert.equal((await bob.get(`/v1/attachments/${upload.body.id}/content`)).text, 'again')
    for (const { id: left } of await desk.query('select id from attachments')) await bob.delete(`/v1/attachments/${left}`)
  }
})
