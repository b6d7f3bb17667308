import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { type Caller, type Desk, openDesk } from '../../../test/desk.ts'
import { formOf } from '../../../test/forms.ts'

const MAIL = [
  'From: Ada <ada@example.com>',
  'To: help@desk.example',
  'Subject: The printer is on fire',
  'Date: Mon, 23 Nov 2026 10:00:00 +0000',
  'Message-ID: <one@example.com>',
  '',
  'It burns.',
  '',
].join('\r\n')

const rfc822 = { 'content-type': 'message/rfc822' }

function post(caller: Caller, mail: string | Buffer, query = ''): ReturnType<Caller['post']> {
  return caller.post(`/v1/inbound/raw${query}`, mail, rfc822)
}

function filesIn(desk: Desk): string[] {
  return readdirSync(`${desk.config.dataDir}/mail`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}

test('a mail is kept as it is before it is acknowledged, once however often and by whichever way it comes', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const first = await post(admin, MAIL)
  const again = await post(admin, MAIL)
  const travelled = `Received: from elsewhere\r\n\tby here; today\r\nX-Spam: no\r\n${MAIL.replaceAll('\r\n', '\n')}\n\n`
  const otherwise = await post(admin, travelled)
  const changed = await post(admin, MAIL.replace('It burns.', 'It burned.'))
  const nameless = MAIL.replace(/Message-ID.*\r\n/, '')
  const made = await post(admin, nameless)
  const madeAgain = await post(admin, nameless)

  assert.equal(first.status, 202)
  assert.deepEqual(first.body.mails.length, 1)
  const [{ id, copy }] = first.body.mails
  assert.equal(copy, false)
  assert.deepEqual(again.body.mails, [{ id, copy: true, mailbox_id: null }])
  assert.deepEqual(otherwise.body.mails, [{ id, copy: true, mailbox_id: null }])
  assert.notEqual(changed.body.mails[0].id, id)
  assert.equal(changed.body.mails[0].copy, false)
  assert.deepEqual([made.body.mails[0].copy, madeAgain.body.mails[0].copy], [false, true])
  await desk.settle()
  const mail = (await admin.get(`/v1/inbound-mails/${id}`)).body
  assert.deepEqual(
    [mail.copies, mail.header_id, mail.from, mail.subject, mail.size],
    [3, '<one@example.com>', 'ada@example.com', 'The printer is on fire', MAIL.length],
  )
  assert.deepEqual(
    mail.explain
      .map(({ step }: { step: string }) => step)
      .filter((step: string) => ['received', 'copied', 'parsed'].includes(step)),
    ['received', 'copied', 'copied', 'parsed'],
  )
  assert.match(
    (await admin.get(`/v1/inbound-mails/${made.body.mails[0].id}`)).body.header_id,
    /^<[0-9a-f]{64}@missing\.invalid>$/,
  )
  const raw = await admin.get(`/v1/inbound-mails/${id}/raw`)
  assert.equal(raw.text, MAIL)
  assert.equal(raw.headers['content-type'], 'message/rfc822')
  assert.match(raw.headers['content-disposition'] ?? '', /^attachment/)
  // Copies leave nothing behind.
  assert.equal(filesIn(desk).length, 3)
  assert.equal((await admin.get('/v1/inbound-mails?from=ADA@example.com&include=total')).body.total, 3)
})

test('a mail that is too large or empty is refused, and nothing is left of it', async (t) => {
  const desk = await openDesk(t, { env: { BECKON_MAIL_LIMIT_BYTES: '2000' } })
  const admin = await desk.person({ role: 'admin' })

  const large = await post(admin, Buffer.alloc(2001, 'a'))
  const empty = await post(admin, '')
  const other = await admin.post('/v1/inbound/raw', MAIL, { 'content-type': 'text/plain' })

  assert.deepEqual([large.status, large.body.code], [413, 'mail_too_large'])
  assert.deepEqual([empty.status, empty.body.code], [422, 'mail_is_empty'])
  assert.deepEqual([other.status, other.body.code], [415, 'unsupported_media_type'])
  assert.deepEqual(filesIn(desk), [])
  assert.deepEqual((await admin.get('/v1/inbound-mails')).body.data, [])
})

test('Mailgun hands mail over under its signature, for a while and once', async (t) => {
  const key = 'key-of-mailgun'
  const desk = await openDesk(t, { env: { BECKON_MAILGUN_SIGNING_KEY: key } })
  const admin = await desk.person({ role: 'admin' })
  const now = Math.floor(desk.clock.now() / 1000)
  const send = (mail: string, { token = 'a', timestamp = now, signature = '' } = {}) => {
    const signed = createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex')
    const fields = { recipient: 'help@desk.example', sender: 'ada@example.com', timestamp, token, signature: signature || signed }
    const parts = Object.entries(fields).map(([part, content]) => ({ part, content: String(content) }))
    const { body, type } = formOf([...parts, { part: 'body-mime', content: mail }])
    return desk.anyone.post('/v1/inbound/mailgun?as=mime', body, { 'content-type': type })
  }

  const taken = await send(MAIL)
  const retried = await send(MAIL)
  const replayed = await send(MAIL.replace('burns', 'freezes'))
  const forged = await send(MAIL, { token: 'b', signature: 'f'.repeat(64) })
  const old = await send(MAIL, { token: 'c', timestamp: now - 1000 })

  assert.equal(taken.status, 202)
  assert.deepEqual(retried.body.mails, [{ ...taken.body.mails[0], copy: true }])
  assert.deepEqual(replayed.body.mails, [{ ...taken.body.mails[0], copy: true }])
  assert.deepEqual([forged.status, old.status], [401, 401])
  await desk.settle()
  const { data } = (await admin.get('/v1/inbound-mails')).body
  assert.deepEqual(
    data.map((mail: { source: string; envelope_from: string; subject: string }) => [
      mail.source,
      mail.envelope_from,
      mail.subject,
    ]),
    [['mailgun', 'ada@example.com', 'The printer is on fire']],
  )
  assert.equal((await admin.get(`/v1/inbound-mails/${data[0].id}/raw`)).text, MAIL)
  assert.equal(filesIn(desk).length, 1)
})

test('Postmark hands mail over under its password; without the settings there is no such path', async (t) => {
  const secret = 'a password of some length'.replaceAll(' ', '-')
  const desk = await openDesk(t, { env: { BECKON_POSTMARK_SECRET: secret } })
  const admin = await desk.person({ role: 'admin' })
  const authorization = `Basic ${Buffer.from(`postmark:${secret}`).toString('base64')}`
  const json = {
    From: 'ada@example.com',
    ToFull: [{ Email: 'x@y.example', RawEmail: 'not this' }],
    RawEmail: `${MAIL}\u00e9 \ud83d\ude00 "quoted" \\ \t end`,
    Attachments: [{ Name: 'a', Content: 'QUFB' }],
    OriginalRecipient: 'help@desk.example',
  }

  const taken = await desk.anyone.post('/v1/inbound/postmark', json, { authorization })
  const wrong = await desk.anyone.post('/v1/inbound/postmark', json, { authorization: 'Basic eDp5' })
  const without = await desk.anyone.post('/v1/inbound/postmark', { From: 'x' }, { authorization })
  const cut = await desk.anyone.post('/v1/inbound/postmark', JSON.stringify(json).slice(0, -20), { authorization })
  const closed = await desk.anyone.post('/v1/inbound/mailgun', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })

  assert.equal(taken.status, 202)
  assert.deepEqual([wrong.status, without.status, cut.status, closed.status], [401, 422, 400, 404])
  assert.equal(closed.body.code, 'route_not_found')
  await desk.settle()
  const raw = await admin.get(`/v1/inbound-mails/${taken.body.mails[0].id}/raw`)
  assert.equal(raw.bytes.toString('utf8'), json.RawEmail)
})

test('a mail to several mailboxes is one for each; a name behind a plus does not count', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const queue = (await admin.post('/v1/queues', { name: 'Support', key: 'SUP' })).body
  const boxes: string[] = []
  for (const name of ['help', 'sales']) {
    const { body } = await admin.post('/v1/mailboxes', { address: `${name}@desk.example`, name, queue_id: queue.id })
    boxes.push(body.id)
  }

  const both = await post(
    admin,
    MAIL,
    '?to=help%2B1-2-x@desk.example,SALES@desk.example,nobody@desk.example&from=ada@example.com',
  )
  const named = await post(admin, MAIL, '?mailbox=help@desk.example')
  const unknown = await post(admin, MAIL, '?mailbox=nobody@desk.example')

  assert.deepEqual(
    both.body.mails.map(({ mailbox_id, copy }: { mailbox_id: string; copy: boolean }) => [mailbox_id, copy]),
    boxes.map((id) => [id, false]),
  )
  assert.deepEqual(named.body.mails, [{ ...both.body.mails[0], copy: true }])
  assert.deepEqual([unknown.status, unknown.body.code], [400, 'invalid_parameter'])
  const mail = (await admin.get(`/v1/inbound-mails/${both.body.mails[0].id}`)).body
  assert.deepEqual([mail.envelope_to, mail.envelope_from], [['help+1-2-x@desk.example'], 'ada@example.com'])
})

test('who may look at mail, and have it worked on again', async (t) => {
  const desk = await openDesk(t)
  const [admin, agent, requester] = await Promise.all(
    (['admin', 'agent', 'requester'] as const).map((role) => desk.person({ role })),
  )
  assert.ok(admin && agent && requester)
  // An automatic reply to nothing: it belongs to no ticket.
  const mail = `Auto-Submitted: auto-replied\r\n${MAIL}`
  const { id } = (await post(admin, mail)).body.mails[0]
  await desk.settle()
  await desk.announcements()

  assert.equal((await post(agent, mail)).status, 403)
  assert.equal((await requester.get('/v1/inbound-mails')).status, 403)
  assert.deepEqual((await agent.get('/v1/inbound-mails')).body.data, [])
  assert.equal((await agent.get(`/v1/inbound-mails/${id}`)).status, 404)
  assert.equal((await agent.get(`/v1/inbound-mails/${id}/raw`)).status, 404)
  assert.equal((await agent.post(`/v1/inbound-mails/${id}/replay`)).status, 403)
})
