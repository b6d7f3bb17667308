import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, openDesk } from '../../../test/desk.ts'
import { openMailIn } from '../../../test/mail-in.ts'
import { ownMark } from '../mail/own-mark.ts'
import { type OutboundMailRow, queueMail } from '../sending/index.ts'
import { readBounce } from './bounces.ts'
import type { ParsedMail } from './parsed-mail.ts'

async function owe(desk: Desk, address: string, more: Partial<Parameters<typeof queueMail>[1]> = {}): Promise<OutboundMailRow> {
  const row = await desk.app.transact((tx) =>
    queueMail(tx, {
      ...{
        key: `${address} ${JSON.stringify(more)}`,
        kind: 'test',
        automatic: true,
        mailbox_id: null,
        ticket_id: null,
        message_id: null,
      },
      ...{ event_id: null, to: { user_id: null, address, address_key: address }, send_after: Date.UTC(2099, 0) },
      header_id: (id) => `<${id}@desk.example>`,
      ...more,
    }),
  )
  assert.ok(row)
  return row
}

const daemon = { from: 'MAILER-DAEMON@mx.customer.example', envelope_from: '', subject: 'Undelivered Mail Returned to Sender' }
const report = (original_message_id: string | null, address: string): ParsedMail['report'] => ({
  original_message_id,
  recipients: [{ address, action: 'failed', status: '5.1.1', diagnostic: 'smtp; 550 no such user' }],
})

test('a bounce finds its mail by report, by our field, by signed Message-ID and by reply address, and is never a ticket', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person({ email: 'mia@customer.example' })
  const { body: ticket } = await mia.post('/v1/tickets', { subject: 'The printer', body: 'It smokes.' })
  const stateOf = async ({ id }: OutboundMailRow) =>
    (await desk.query('select state, enhanced_code from outbound_mails where id = ?', [id]))[0]
  // What is mailed about the ticket itself comes first.
  await desk.settle()
  const about = { ticket_id: ticket.id, to: { user_id: mia.id, address: mia.email, address_key: mia.email } }

  const digest = await owe(desk, 'a@customer.example')
  const marked = await owe(desk, 'b@customer.example')
  const signed = await owe(desk, mia.email, { ...about, key: 'signed' })
  const plain = await owe(desk, mia.email, { ...about, key: 'plain' })
  const delayed = await owe(desk, 'c@customer.example')
  const rows = [
    await mail.deliver({ ...daemon, report: report(digest.header_id, 'a@customer.example') }),
    await mail.deliver({
      ...daemon,
      text: `Hi. This is the qmail-send program at mx.\n<b@customer.example>:\n550 5.1.1 no such user\n\n--- Below this line is a copy of the message.\n\nX-Beckon: ${ownMark(mail.secrets, marked.header_id)}\nMessage-ID: <rewritten@ses.example>`,
    }),
    await mail.deliver({ ...daemon, report: report(await mail.messageIdFor(ticket, mia, signed.id), mia.email) }),
    await mail.deliver({
      ...daemon,
      to: await mail.addressFor(ticket, mia),
      text: 'User unknown',
      headers: { 'x-failed-recipients': [mia.email] },
    }),
    await mail.deliver({
      ...daemon,
      subject: 'Warning: could not send message for past 4 hours',
      text: `451 4.4.1 will be retried\nMessage-ID: ${delayed.header_id}`,
    }),
  ]

  for (const row of rows) assert.deepEqual([row.state, row.reason, row.classification], ['applied', 'bounce', 'bounce'])
  assert.deepEqual(
    await Promise.all([digest, marked, signed, plain, delayed].map(async (row) => ({ ...(await stateOf(row)) }))),
    [
      { state: 'bounced', enhanced_code: '5.1.1' },
      { state: 'bounced', enhanced_code: '5.1.1' },
      { state: 'bounced', enhanced_code: '5.1.1' },
      { state: 'bounced', enhanced_code: null },
      { state: 'queued', enhanced_code: '4.4.1' },
    ],
  )
  assert.equal((await desk.query('select count(*) as n from tickets'))[0].n, 1)
})

test('a forged bounce, for a mail that we did not send, changes nothing', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person({ email: 'mia@customer.example' })
  const { body: ticket } = await mia.post('/v1/tickets', { subject: 'The printer', body: 'It smokes.' })
  const sent = await owe(desk, mia.email)
  const id = await mail.messageIdFor(ticket, mia, sent.id)
  const forgedId = id.replace(/-(.)/, (_, c) => (c === '0' ? '-1' : '-0'))
  await desk.announcements()

  const rows = [
    await mail.deliver({ ...daemon, report: report('<never@desk.example>', mia.email) }),
    await mail.deliver({ ...daemon, report: report(forgedId, mia.email) }),
    await mail.deliver({ ...daemon, report: report(null, mia.email) }),
    await mail.deliver({
      ...daemon,
      text: `550 no such user\nX-Beckon: 1 00000000000000000000000000 ${sent.header_id.replace('mail', 'mial')}`,
    }),
  ]

  for (const row of rows) assert.deepEqual([row.state, row.reason], ['ignored', 'bounce_of_no_mail_of_ours'])
  assert.equal((await desk.query('select state from outbound_mails where id = ?', [sent.id]))[0].state, 'queued')
  assert.equal((await desk.query('select count(*) as n from suppressions'))[0].n, 0)
  await desk.announced([])
})

test('a bounce in its own words tells its code, its recipient and whether that is the last word', () => {
  const read = (text: string) =>
    readBounce({ report: null, headers: {}, text, in_reply_to: [], references: [], files: [] }).recipients[0]

  assert.deepEqual(read('<mia@x.example>: host mx said: 552 5.2.2 Mailbox full'), {
    address: 'mia@x.example',
    action: 'failed',
    status: '5.2.2',
    diagnostic: '<mia@x.example>: host mx said: 552 5.2.2 Mailbox full',
  })
  assert.equal(read('mia@x.example\n450 try later')?.action, 'delayed')
  assert.equal(read('Nobody knows why.')?.action, 'failed')
})
