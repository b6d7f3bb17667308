import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openClamd } from '../../../test/clamd.ts'
import { openDesk } from '../../../test/desk.ts'

test('a file is read by nobody before it was found clean, and by nobody when it was not', async (t) => {
  const clamd = await openClamd(t)
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const [ada, tess] = [await desk.person(), await desk.person({ role: 'agent' })]
  clamd.be('away')
  const good = (await ada.upload({ name: 'good.txt', content: 'fine' })).body
  const bad = (await ada.upload({ name: 'bad.txt', content: 'a VIRUS' })).body
  assert.equal(good.scan_state, 'pending')
  const ticket = (await ada.post('/v1/tickets', { subject: 'S', body: 'B', attachment_ids: [good.id] })).body
  const later = await ada.get(`/v1/attachments/${good.id}/content`)
  const link = await ada.post(`/v1/attachments/${good.id}/link`)
  for (const reply of [later, link]) assert.deepEqual([reply.status, reply.body.code], [409, 'attachment_not_scanned'])
  // It has been tried in vain.
  await desk.settle()
  clamd.be('well')
  desk.clock.advance(60_000)
  await desk.settle()

  assert.equal((await tess.get(`/v1/attachments/${good.id}/content`)).text, 'fine')
  const [message] = (await tess.get(`/v1/tickets/${ticket.id}/messages`)).body.data
  assert.equal(message.attachments[0].scan_state, 'clean')
  for (const who of [ada, await desk.person({ role: 'admin' })]) {
    const reply = await who.get(`/v1/attachments/${bad.id}/content`)
    assert.deepEqual([reply.status, reply.body.code], [410, 'attachment_infected'])
  }
  const named = await ada.post(`/v1/tickets/${ticket.id}/messages`, { body: 'B', attachment_ids: [bad.id] })
  assert.deepEqual([named.status, named.body.errors[0].code], [422, 'infected'])
  await desk.announcements()
})

test('a scanner that is away is asked again, and nothing can be read meanwhile', async (t) => {
  const clamd = await openClamd(t)
  clamd.be('away')
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const ada = await desk.person()
  const { id } = (await ada.upload({ name: 'a.txt', content: 'fine' })).body
  await desk.announced(['attachment.uploaded'])
  assert.equal((await ada.get(`/v1/attachments/${id}/content`)).status, 409)

  clamd.be('well')
  desk.clock.advance(60_000)
  await desk.announced(['attachment.scanned'])

  assert.equal((await ada.get(`/v1/attachments/${id}/content`)).status, 200)
})

test('once the scanner is taken away, nobody waits for it; what it found stays shut', async (t) => {
  const clamd = await openClamd(t)
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const ada = await desk.person()
  const bad = (await ada.upload({ name: 'bad.txt', content: 'a VIRUS' })).body
  await desk.settle()
  clamd.be('away')
  const waiting = (await ada.upload({ name: 'a.txt', content: 'fine' })).body

  const other = await desk.node(desk.clock, { BECKON_CLAMAV_URL: '' })
  const read = async (id: string) => (await other.bearer(ada.token).get(`/v1/attachments/${id}/content`)).status

  assert.deepEqual([await read(waiting.id), await read(bad.id)], [200, 410])
})

test('what is too large for the scanner stays unread, and is not asked about again', async (t) => {
  const clamd = await openClamd(t)
  clamd.be('overwhelmed')
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const ada = await desk.person()

  const { id } = (await ada.upload({ name: 'a.txt', content: 'fine' })).body
  await desk.announced(['attachment.uploaded', 'attachment.scanned'])

  assert.equal((await ada.get(`/v1/attachments/${id}`)).body.scan_state, 'failed')
  assert.equal((await ada.get(`/v1/attachments/${id}/content`)).status, 409)
  desk.clock.advance(86_400_000)
  await desk.settle()
  assert.equal(clamd.asked(), 1)
})

test('a scanner that hangs up as soon as it has enough is understood, at the latest when it is asked again', async (t) => {
  const clamd = await openClamd(t)
  clamd.be('abrupt')
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const ada = await desk.person()

  await ada.upload({ name: 'a.bin', content: Buffer.alloc(8_000_000) })
  const state = async () => (await desk.query('select scan_state from attachments'))[0]?.scan_state
  // A connection that is reset takes along what it brought, if that was not read yet: half of the time.
  for (let tries = 0; tries < 25 && (await state()) !== 'failed'; tries++) {
    await desk.settle()
    desk.clock.advance(6 * 3_600_000)
  }

  assert.equal(await state(), 'failed')
})

for (const mood of ['hasty', 'garbled', 'babbling'] as const)
  test(`a scanner that is ${mood} has found nothing to be clean, and is asked again`, async (t) => {
    const clamd = await openClamd(t)
    clamd.be(mood)
    const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
    const ada = await desk.person()
    const { id } = (await ada.upload({ name: 'a.bin', content: Buffer.alloc(8_000_000) })).body

    await desk.announced(['attachment.uploaded'])
    assert.equal((await ada.get(`/v1/attachments/${id}/content`)).status, 409)
    clamd.be('well')
    desk.clock.advance(60_000)
    await desk.announced(['attachment.scanned'])
    assert.equal((await ada.get(`/v1/attachments/${id}/content`)).status, 200)
  })

test('what came before there was a scanner, or while it was away for too long, is scanned within the hour and read by nobody before', async (t) => {
  const clamd = await openClamd(t)
  const desk = await openDesk(t)
  const ada = await desk.person()
  const good = (await ada.upload({ name: 'good.txt', content: 'fine' })).body
  const bad = (await ada.upload({ name: 'bad.txt', content: 'a VIRUS' })).body
  assert.equal((await ada.get(`/v1/attachments/${good.id}/content`)).status, 200)
  await desk.announced(['attachment.uploaded', 'attachment.uploaded'])

  const scanned = await desk.node(desk.clock, { BECKON_CLAMAV_URL: clamd.url })
  const read = async (id: string) => (await scanned.bearer(ada.token).get(`/v1/attachments/${id}/content`)).status
  assert.deepEqual([await read(good.id), await read(bad.id)], [409, 409])
  await scanned.app.tidy()

  assert.deepEqual([await read(good.id), await read(bad.id)], [200, 410])
  await desk.announced(['attachment.scanned', 'attachment.scanned'])
  const asked = clamd.asked()
  await scanned.app.tidy()
  assert.equal(clamd.asked(), asked)
})

test('that a file was scanned before is not told to who uploads it again; that it is harmful counts for all', async (t) => {
  const clamd = await openClamd(t)
  const desk = await openDesk(t, { env: { BECKON_CLAMAV_URL: clamd.url } })
  const [ada, bob] = [await desk.person(), await desk.person()]
  await ada.upload({ name: 'a.txt', content: 'fine' })
  await desk.settle()

  const again = (await bob.upload({ name: 'b.txt', content: 'fine' })).body
  assert.equal(again.scan_state, 'pending')
  clamd.be('away')
  const first = (await ada.upload({ name: 'c.txt', content: 'a VIRUS' })).body
  await desk.settle()
  clamd.be('well')
  const second = (await bob.upload({ name: 'd.txt', content: 'a VIRUS' })).body
  await desk.settle()

  assert.equal((await ada.get(`/v1/attachments/${first.id}`)).body.scan_state, 'infected')
  assert.equal((await bob.get(`/v1/attachments/${second.id}`)).body.scan_state, 'infected')
})
