import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, openDesk } from '../../../test/desk.ts'
import { type Fault, openFaultServer } from '../../../test/smtp-server.ts'
import type { Letter } from '../mail/index.ts'
import { type Compose, cancelMails, deliveriesOf, type OutboundMailRow, queueMail, reportBounce } from './index.ts'

const MINUTE = 60_000
const DAY = 86_400_000

const letter: Letter = {
  from: { name: 'Support\r\nBcc: eve@evil.example', address: 'help@desk.example' },
  reply_to: 'help+1-token@desk.example',
  to: { name: 'Ada "The Countess" <ada>', address: 'ada@example.com' },
  subject: 'Re: Fire\r\nBcc: eve@evil.example\r\n\r\nnow',
  text: 'It burns.\n.\nStill.',
  html: '<p>It burns.</p>',
  in_reply_to: '<first@elsewhere.example>',
  references: ['<first@elsewhere.example>', 'nonsense', '<bad\r\nBcc: eve@evil.example>'],
  auto_submitted: 'auto-generated',
  list_unsubscribe: { url: 'https://desk.example/unsubscribe?token=abc', mailto: null },
  language: 'de',
}

const compose: Compose = async (_db, row) => {
  if (row.kind === 'gone') return { cancelled: 'ticket_gone' }
  if (row.kind === 'broken') throw new Error('no such template')
  return { ...letter, to: { name: letter.to.name, address: row.to_address } }
}

/** A desk that sends by this server. */
async function openMailing(t: test.TestContext, url?: string): Promise<Desk> {
  const env = url === undefined ? {} : { BECKON_MAIL_URL: url, BECKON_MAIL_CONNECTIONS: '4' }
  const desk = await openDesk(t, { env, more: { compose: (kind) => (kind === 'unknown' ? undefined : compose) } })
  await desk.settle()
  return desk
}

let mails = 0

/** Owes a mail. */
async function owe(desk: Desk, address: string, more: Partial<Parameters<typeof queueMail>[1]> = {}): Promise<OutboundMailRow> {
  const row = await desk.app.transact((tx) =>
    queueMail(tx, {
      ...{ key: `test:${++mails}`, kind: 'replied', automatic: true, mailbox_id: null, ticket_id: null, message_id: null },
      ...{ event_id: null, to: { user_id: null, address, address_key: address.toLowerCase() } },
      header_id: (id) => `<${id}@desk.example>`,
      ...more,
    }),
  )
  assert.ok(row)
  return row
}

async function rowOf(desk: Desk, { id }: { id: string }): Promise<OutboundMailRow> {
  return desk.database.reader.selectFrom('outbound_mails').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

test('whatever a mail server does, everything owed arrives once it is well, each with one Message-ID', async (t) => {
  let now: Fault | undefined
  const whole: Fault[] = ['hangs', 'closes-at-once', '421', 'broken-tls', 'broken-starttls', 'one-byte-a-second']
  const server = await openFaultServer(t, {
    slowMs: 100,
    ofConnections: () => (now && whole.includes(now) ? now : undefined),
    ofMails: () => (now && !whole.includes(now) ? now : undefined),
  })
  const desk = await openMailing(t, server.url)
  const faults: [Fault, string][] = [
    ['hangs', 'no_connection'],
    ['closes-at-once', 'no_connection'],
    ['421', 'no_connection'],
    ['broken-tls', 'no_connection'],
    ['broken-starttls', 'no_connection'],
    ['one-byte-a-second', 'no_connection'],
    ['hangs-at-recipient', 'put_off'],
    ['421-at-recipient', 'put_off'],
    ['451', 'put_off'],
    ['drops-after-data', 'put_off'],
  ]

  for (const [fault, reason] of faults) {
    await t.test(fault, async () => {
      // What is open from before would not meet the fault.
      desk.app.postOffice.close()
      now = fault
      const before = server.taken.length
      const rows = [await owe(desk, `ada@${fault}.example`), await owe(desk, `bob@${fault}.example`)]
      await desk.settle()
      const first = await rowOf(desk, rows[0] ?? { id: '' })
      now = undefined
      desk.clock.advance(MINUTE)
      await desk.settle()
      desk.clock.advance(MINUTE)
      await desk.settle()

      assert.deepEqual([first.state, first.reason, first.attempts], ['deferred', reason, 1])
      assert.ok(first.due_at > first.updated_at && first.due_at <= first.updated_at + MINUTE)
      const ours = server.taken.slice(before)
      assert.deepEqual(ours.map(({ to }) => to[0]).sort(), [`ada@${fault}.example`, `bob@${fault}.example`])
      for (const row of rows) {
        assert.equal((await rowOf(desk, row)).state, 'sent')
        const ids = server.seen.filter(({ to }) => to[0] === row.to_address).map(({ header }) => header('message-id'))
        assert.deepEqual([...new Set(ids)], [row.header_id])
      }
    })
  }
})

test('of three recipients one bounces, and nobody but he is the worse for it', async (t) => {
  const server = await openFaultServer(t, {
    ofMails: (recipient) => (recipient.startsWith('gone') ? '550' : recipient.startsWith('spam') ? '554-after-data' : undefined),
  })
  const desk = await openMailing(t, server.url)
  const admin = await desk.person({ role: 'admin' })
  const ticket = (await admin.post('/v1/tickets', { subject: 'Fire', body: 'It burns.' })).body
  await desk.announcements()

  const gone = await owe(desk, 'gone@one.example', { ticket_id: ticket.id })
  const spam = await owe(desk, 'spam@two.example')
  const well = await owe(desk, 'well@one.example', { ticket_id: ticket.id })
  await desk.settle()

  const states = await Promise.all([gone, spam, well].map((row) => rowOf(desk, row)))
  assert.deepEqual(
    states.map(({ state, reason, smtp_code, enhanced_code }) => [state, reason, smtp_code, enhanced_code]),
    [
      ['bounced', 'no_such_address', 550, '5.1.1'],
      ['bounced', 'refused', 554, '5.7.1'],
      ['sent', null, 250, null],
    ],
  )
  const told = await desk.announcements()
  assert.deepEqual(told.map(({ type }) => type).sort(), ['mail.bounced', 'mail.bounced', 'suppression.created'])
  assert.ok(told.every(({ visibility }) => visibility === 'internal'))
  const listed = await admin.get('/v1/suppressions')
  assert.deepEqual(
    listed.body.data.map(({ address, reason, outbound_mail_id }: Record<string, unknown>) => [address, reason, outbound_mail_id]),
    [['gone@one.example', 'hard_bounce', gone.id]],
  )
  const again = await owe(desk, 'Gone@One.example')
  await desk.settle()
  assert.equal((await rowOf(desk, again)).state, 'suppressed')
  assert.equal(server.taken.length, 1)
  const kept = await desk.query('select header, direction from mail_references')
  assert.deepEqual(kept, [{ header: well.header_id, direction: 'out' }])
})

test('a mail is what its letter says, and no name, subject or reference makes a header', async (t) => {
  const server = await openFaultServer(t)
  const desk = await openMailing(t, server.url)

  const row = await owe(desk, 'ada@bücher.example')
  await desk.settle()

  const [mail] = server.taken
  assert.match(mail?.header('to') ?? '', /"Ada \\"The Countess\\" <ada>" <ada@xn--bcher-kva\.example>/)
  assert.equal(mail?.from, 'help@desk.example')
  assert.equal(mail?.header('message-id'), row.header_id)
  assert.equal(mail?.header('bcc'), undefined)
  assert.equal(mail?.header('subject'), 'Re: Fire Bcc: eve@evil.example now')
  assert.match(mail?.header('from') ?? '', /^"Support Bcc: eve@evil\.example" <help@desk\.example>$/)
  assert.match(mail?.header('reply-to') ?? '', /<help\+1-token@desk\.example>$/)
  assert.equal(mail?.header('references'), '<first@elsewhere.example>')
  assert.equal(mail?.header('in-reply-to'), '<first@elsewhere.example>')
  assert.equal(mail?.header('auto-submitted'), 'auto-generated')
  assert.equal(mail?.header('list-unsubscribe'), '<https://desk.example/unsubscribe?token=abc>')
  assert.equal(mail?.header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click')
  assert.equal(mail?.header('content-language'), 'de')
  assert.match(mail?.header('x-beckon') ?? '', /^1 [0-9a-z]{26} </)
})

test('an address with letters that the server does not take is refused clearly, and one that is none', async (t) => {
  const server = await openFaultServer(t)
  const desk = await openMailing(t, server.url)

  const umlaut = await owe(desk, 'jürgen@example.com')
  const two = await owe(desk, 'ada@example.com, eve@example.com')
  await desk.settle()

  const rows = await Promise.all([umlaut, two].map((row) => rowOf(desk, row)))
  assert.deepEqual(
    rows.map(({ state, enhanced_code }) => [state, enhanced_code]),
    [
      ['bounced', '5.6.7'],
      ['bounced', '5.1.3'],
    ],
  )
  assert.equal(server.seen.length, 0)
})

test('a mail waits for second thoughts, can be called back, and goes when somebody says so', async (t) => {
  const desk = await openMailing(t)
  const admin = await desk.person({ role: 'admin' })
  const send_after = desk.clock.now() + MINUTE
  const taken = await owe(desk, 'ada@example.com', { send_after })
  const other = await owe(desk, 'ada@example.com', { send_after })
  const now = await owe(desk, 'ada@example.com', { send_after })
  await desk.settle()

  assert.deepEqual(await desk.mails(), [])
  const cancelled = await admin.post(`/v1/outbound-mails/${taken.id}/cancel`)
  const twice = await admin.post(`/v1/outbound-mails/${taken.id}/cancel`)
  const hurried = await admin.post(`/v1/outbound-mails/${now.id}/retry`)
  await desk.settle()
  assert.deepEqual([cancelled.body.state, cancelled.body.reason, twice.status], ['cancelled', 'by_request', 200])
  assert.equal(hurried.body.state, 'queued')
  assert.equal((await desk.mails()).length, 1)
  desk.clock.advance(MINUTE)
  assert.equal((await desk.mails()).length, 2)
  for (const verb of ['cancel', 'retry']) {
    const late = await admin.post(`/v1/outbound-mails/${other.id}/${verb}`)
    assert.deepEqual([late.status, late.body.code], [409, 'mail_sent'])
  }
  const back = await admin.post(`/v1/outbound-mails/${taken.id}/retry`)
  assert.equal(back.status, 200)
  assert.equal((await desk.mails()).length, 3)
})

test('a mail whose reason has gone is not sent, and one that cannot be written keeps nobody waiting', async (t) => {
  const desk = await openMailing(t)

  const gone = await owe(desk, 'ada@example.com', { kind: 'gone' })
  const unknown = await owe(desk, 'ada@example.com', { kind: 'unknown' })
  const broken = await owe(desk, 'ada@example.com', { kind: 'broken' })
  const called = await owe(desk, 'ada@example.com', { message_id: 'msg_1', send_after: desk.clock.now() + MINUTE })
  const calledBack = await desk.app.transact((tx) => cancelMails(tx, { message_id: 'msg_1' }, 'message_retracted'))
  const well = await owe(desk, 'ada@example.com')
  await desk.settle()

  const rows = await Promise.all([gone, unknown, broken, called, well].map((row) => rowOf(desk, row)))
  assert.equal(calledBack, 1)
  assert.deepEqual(
    rows.map(({ state, reason }) => [state, reason]),
    [
      ['cancelled', 'ticket_gone'],
      ['cancelled', 'unknown_kind'],
      ['deferred', 'not_composed'],
      ['cancelled', 'message_retracted'],
      ['sent', null],
    ],
  )
})

test('after five days a mail is given up, staff are told, and an admin can try again', async (t) => {
  let isWell = false
  const server = await openFaultServer(t, { ofMails: () => (isWell ? undefined : '451') })
  const desk = await openMailing(t, server.url)
  const row = await owe(desk, 'ada@example.com')
  const begun = desk.clock.now()

  for (let tries = 0; (await rowOf(desk, row)).state !== 'failed'; tries++) {
    assert.ok(tries < 50)
    const { due_at } = await rowOf(desk, row)
    desk.clock.advance(Math.max(0, due_at - desk.clock.now()))
    await desk.settle()
  }

  const failed = await rowOf(desk, row)
  const days = (desk.clock.now() - begun) / DAY
  assert.ok(days > 4.7 && days < 5.3, `${days} days`)
  assert.deepEqual([failed.attempts, failed.smtp_code, failed.enhanced_code], [18, 451, '4.7.1'])
  await desk.announced(['mail.failed'])
  isWell = true
  const admin = await desk.person({ role: 'admin' })
  const retried = await admin.post(`/v1/outbound-mails/${row.id}/retry`)
  assert.deepEqual([retried.body.state, retried.body.attempts], ['queued', 0])
  await desk.settle()
  assert.deepEqual(
    server.taken.map(({ header }) => header('message-id')),
    [row.header_id],
  )
})

test('a report of a bounce marks the mail that was taken, and ends the address that does not exist', async (t) => {
  const desk = await openMailing(t)
  const [gone, full] = [await owe(desk, 'gone@example.com', { message_id: 'msg_1' }), await owe(desk, 'full@example.com')]
  await desk.settle()
  await desk.announcements()
  const said = { action: 'failed' as const, diagnostic: 'smtp; 550 5.1.1 No such user' }

  const first = await desk.app.transact((tx) =>
    reportBounce(tx, { ...said, header_id: gone.header_id, recipient: 'Gone@example.com', status: '5.1.1' }),
  )
  await desk.app.transact((tx) => reportBounce(tx, { ...said, outbound_mail_id: gone.id, recipient: null, status: '5.1.1' }))
  await desk.app.transact((tx) =>
    reportBounce(tx, { ...said, outbound_mail_id: full.id, recipient: 'forwarded@elsewhere.example', status: '5.1.1' }),
  )
  const unknown = await desk.app.transact((tx) =>
    reportBounce(tx, { ...said, header_id: '<nobody@example.com>', recipient: null, status: '5.1.1' }),
  )

  assert.deepEqual([first, unknown], [gone.id, undefined])
  assert.deepEqual(
    (await desk.announcements()).map(({ type, data }) => [type, data.is_hard]),
    [
      ['suppression.created', undefined],
      ['mail.bounced', true],
      ['mail.bounced', false],
    ],
  )
  const deliveries = await deliveriesOf(desk.database.reader, ['msg_1'])
  assert.deepEqual(
    deliveries.get('msg_1')?.map(({ to_address, state, enhanced_code }) => [to_address, state, enhanced_code]),
    [['gone@example.com', 'bounced', '5.1.1']],
  )
})

test('what a node did not finish another one does, once its lease has run out', async (t) => {
  const server = await openFaultServer(t)
  const desk = await openMailing(t, server.url)
  const row = await owe(desk, 'ada@example.com')
  const held = { state: 'sending' as const, lease_token: 'lea_other', attempts: 1, due_at: desk.clock.now() + MINUTE }
  await desk.database.write((db) => db.updateTable('outbound_mails').set(held).where('id', '=', row.id).execute())

  await desk.settle()
  const meanwhile = server.taken.length
  desk.clock.advance(MINUTE)
  await desk.settle()

  assert.equal(meanwhile, 0)
  assert.equal(server.taken.length, 1)
  assert.deepEqual([(await rowOf(desk, row)).state, (await rowOf(desk, row)).attempts], ['sent', 2])
})

test('what ended long ago is not kept; what waits is', async (t) => {
  const desk = await openMailing(t)
  const sent = await owe(desk, 'ada@example.com')
  await desk.settle()
  desk.clock.advance(91 * DAY)
  const fresh = await owe(desk, 'ada@example.com')
  const waiting = await owe(desk, 'ada@example.com', { send_after: desk.clock.now() + 100 * DAY })
  await desk.settle()

  await desk.app.tidy()

  const left = await desk.query('select id from outbound_mails order by id')
  assert.deepEqual(
    left.map(({ id }) => id),
    [fresh.id, waiting.id].sort(),
  )
  assert.ok(!left.some(({ id }) => id === sent.id))
})

test('who works on a ticket sees to whom its messages go, a requester does not', async (t) => {
  const desk = await openMailing(t)
  const [admin, ada] = [await desk.person({ role: 'admin' }), await desk.person()]
  const { id: ticket_id } = (await ada.post('/v1/tickets', { subject: 'Fire', body: 'It burns.' })).body
  const path = `/v1/tickets/${ticket_id}/messages?include=deliveries`
  const { id: message_id } = (await ada.get(path)).body.data[0]
  const mail = await owe(desk, 'ada@example.com', { ticket_id, message_id })
  await desk.settle()

  const [staff, requester] = [await admin.get(path), await ada.get(path)]

  assert.deepEqual(
    staff.body.data[0].deliveries.map(({ id, to, state }: Record<string, unknown>) => [id, to, state]),
    [[mail.id, 'ada@example.com', 'sent']],
  )
  assert.equal('deliveries' in requester.body.data[0], false)
})
