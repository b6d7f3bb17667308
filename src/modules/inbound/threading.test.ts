import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Desk, type Json, openDesk, type Person } from '../../../test/desk.ts'
import { openMailIn } from '../../../test/mail-in.ts'

async function ticketOf(person: Person, subject = 'The printer'): Promise<Json> {
  const { body } = await person.post('/v1/tickets', { subject, body: 'It smokes.' })
  return body
}

async function said(
  desk: Desk,
  ticket_id: string | null,
): Promise<{ visibility: string; mail_trust: string; author_id: string; body: string; mail_quiet: string | null }[]> {
  return desk.query(
    'select visibility, mail_trust, mail_quiet, author_id, body, channel, quoted from messages where ticket_id = ? order by place',
    [ticket_id],
  )
}

const lastOf = <T>(list: readonly T[]): T => {
  const last = list.at(-1)
  assert.ok(last)
  return last
}

test('a mail from somebody new becomes a ticket in the queue of its mailbox', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  const root = await desk.person({ role: 'admin' })
  const queue = (await root.post('/v1/queues', { key: 'post', name: 'Post' })).body
  await mail.mailbox({ queue_id: queue.id })
  await desk.announcements()

  const row = await mail.deliver({
    from: [{ name: 'Mia\r\nBcc: all@example.com', address: 'mia@customer.example' }],
    subject: 'Help\r\nBcc: all@example.com \u202eevil',
    aligned: true,
    text: 'It smokes.\n\n> quote',
    reply: 'It smokes.',
    quoted: '> quote',
    files: [
      { name: 'a.txt', content_type: 'text/plain', content_id: null, inline: false, content: Buffer.from('hello') },
      {
        name: 'p.png',
        content_type: 'image/png',
        content_id: 'pic@x',
        inline: true,
        content: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      },
    ],
    reply_html: '<p>It <img src="cid:pic@x" alt="smoke"> smokes.</p>',
  })

  assert.deepEqual([row.state, row.reason, row.classification], ['applied', 'no_thread', 'normal'])
  const ticket = (await root.get(`/v1/tickets/${row.ticket_id}`)).body
  assert.equal(ticket.subject, 'Help Bcc: all@example.com evil')
  assert.deepEqual([ticket.queue_id, ticket.channel], [queue.id, 'mail'])
  const user = (await root.get(`/v1/users/${ticket.requester_id}`)).body
  assert.deepEqual([user.email, user.name, user.email_verified, user.role], ['mia@customer.example', 'mia', true, 'requester'])
  const message = (await root.get(`/v1/tickets/${row.ticket_id}/messages/${row.message_id}?include=quoted`)).body
  assert.deepEqual(message.mail, { trust: 'verified', quoted: '> quote' })
  assert.equal(message.body, 'It smokes.')
  assert.deepEqual(
    message.attachments.map((one: Json) => one.name),
    ['a.txt', 'p.png'],
  )
  const shown = (await root.get(`/v1/tickets/${row.ticket_id}/messages/${row.message_id}?images=attachments`)).body
  assert.match(shown.body_html, /<img src="[^"]*\/v1\/attachment-links\/[^"]+" alt="smoke"/)
  await desk.announced(
    ['attachment.uploaded', 'attachment.uploaded', 'user.created', 'ticket.created', 'message.created'].sort((a, b) =>
      a === 'user.created' ? -1 : b === 'user.created' ? 1 : 0,
    ),
  )
  const again = await mail.replay(row.id, { from: 'mia@customer.example', aligned: true })
  assert.deepEqual([again.state, again.reason, again.message_id], ['applied', 'already_applied', row.message_id])
  await desk.announced([])
})

test('a participant answers into his ticket by token, Message-ID, foreign Message-ID and number, where his domain vouches for him', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person({ email: 'mia@customer.example' })
  const cara = await desk.person({ role: 'agent' })
  const ticket = await ticketOf(mia)
  await cara.patch(`/v1/tickets/${ticket.id}`, { status: 'pending' })
  const from = mia.email

  const byAddress = await mail.deliver({ from, aligned: true, to: await mail.addressFor(ticket, mia), text: 'one' })
  const byMessageId = await mail.deliver({
    from,
    aligned: true,
    references: [await mail.messageIdFor(ticket, mia), '<x@y>'],
    text: 'two',
  })
  const byReference = await mail.deliver({ from, aligned: true, in_reply_to: [byAddress.header_id ?? ''], text: 'three' })
  const bySubject = await mail.deliver({ from, aligned: true, subject: `Re: [#${ticket.number}] The printer`, text: 'four' })
  const unproven = await mail.deliver({ from, aligned: false, to: await mail.addressFor(ticket, mia), text: 'five' })

  for (const row of [byAddress, byMessageId, byReference, bySubject])
    assert.deepEqual([row.ticket_id, row.state], [ticket.id, 'applied'])
  const steps = [byAddress, byMessageId, byReference, bySubject].map((row) =>
    JSON.parse(row.explain).find((one: Json) => one.step === 'threaded'),
  )
  assert.deepEqual(
    steps.map(({ by }) => by),
    ['reply_address', 'message_id', 'reference', 'subject'],
  )
  assert.notEqual(unproven.ticket_id, ticket.id)
  assert.deepEqual(
    (await said(desk, ticket.id)).map(({ body, visibility, mail_trust }) => [body, visibility, mail_trust]),
    [
      ['It smokes.', 'public', null],
      ['one', 'public', 'verified'],
      ['two', 'public', 'verified'],
      ['three', 'public', 'verified'],
      ['four', 'public', 'verified'],
    ],
  )
  const now = (await cara.get(`/v1/tickets/${ticket.id}`)).body
  assert.equal(now.status_category, 'open')
  const links = (await cara.get(`/v1/tickets/${unproven.ticket_id}/links`)).body.data
  assert.deepEqual(
    links.map((one: Json) => [one.kind, one.ticket_id]),
    [['related', ticket.id]],
  )
  assert.equal(lastOf(await said(desk, unproven.ticket_id)).mail_trust, 'unverified')
})

test('a stranger opens no ticket: not by forged references, not by a number, not by a token that was made for another', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person({ email: 'mia@customer.example' })
  const cara = await desk.person({ role: 'agent' })
  const ticket = await ticketOf(mia)
  const first = await mail.deliver({ from: mia.email, aligned: true, to: await mail.addressFor(ticket, mia), text: 'mine' })
  await desk.announcements()
  const before = await said(desk, ticket.id)
  const eve = 'eve@evil.example'

  const forgedReference = await mail.deliver({ from: eve, aligned: true, references: [first.header_id ?? ''] })
  const number = await mail.deliver({ from: eve, aligned: true, subject: `[#${ticket.number}] give it to me` })
  const id = await mail.messageIdFor(ticket, mia)
  const wrongMac = await mail.deliver({
    from: mia.email,
    aligned: true,
    references: [id.replace(/-(.)/, (_, c) => (c === '0' ? '-1' : '-0'))],
  })
  const replayed = await mail.deliver({ from: eve, aligned: true, to: await mail.addressFor(ticket, mia) })
  const replayedId = await mail.deliver({ from: eve, aligned: true, in_reply_to: [id] })

  for (const row of [forgedReference, number, wrongMac]) {
    assert.notEqual(row.ticket_id, ticket.id)
    assert.deepEqual((await cara.get(`/v1/tickets/${row.ticket_id}/links`)).body.data, [])
  }
  for (const row of [replayed, replayedId]) {
    assert.notEqual(row.ticket_id, ticket.id)
    assert.equal((await cara.get(`/v1/tickets/${row.ticket_id}/links`)).body.data.length, 1)
  }
  assert.deepEqual(await said(desk, ticket.id), before)
})

test('what nobody vouches for is a note or waits in quarantine where the queue says so, and calls nobody', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  const { queue_id } = await mail.mailbox()
  const root = await desk.person({ role: 'admin' })
  const mia = await desk.person({ email: 'mia@customer.example' })
  const ticket = await ticketOf(mia)
  const to = await mail.addressFor(ticket, mia)
  await root.patch(`/v1/queues/${queue_id}`, { unverified_mail: 'internal_note' })
  await desk.announcements()
  const before = (await mia.get(`/v1/tickets/${ticket.id}`)).text

  const note = await mail.deliver({ from: mia.email, to, text: `@${root.email} look` })

  assert.deepEqual([note.ticket_id, note.reason], [ticket.id, 'not_aligned'])
  const kept = lastOf(await said(desk, ticket.id))
  assert.deepEqual([kept.visibility, kept.mail_trust, kept.author_id], ['internal', 'unverified', 'system'])
  assert.match(kept.body, /^Mail of mia <mia@customer.example>, who takes no part/)
  await desk.announced(['message.created'])
  assert.equal((await mia.get(`/v1/tickets/${ticket.id}`)).text, before)

  await root.patch(`/v1/queues/${queue_id}`, { unverified_mail: 'quarantine' })
  await desk.announcements()
  const put = await mail.deliver({ from: mia.email, to })
  assert.deepEqual([put.state, put.reason, put.ticket_id, put.message_id], ['quarantined', 'not_aligned', ticket.id, null])
})

test('an agent answers by mail only where that is switched on, with his own token, aligned, and with his rights of now', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const root = await desk.person({ role: 'admin' })
  const cara = await desk.person({ role: 'agent', email: 'cara@desk.example' })
  const mia = await desk.person({ email: 'mia@customer.example' })
  const ticket = await ticketOf(mia)
  const to = await mail.addressFor(ticket, cara)
  const from = cara.email

  const off = await mail.deliver({ from, aligned: true, to, text: 'off' })
  await root.patch('/v1/settings', { agents_answer_by_mail: true })
  const spoofed = await mail.deliver({ from, aligned: false, to, text: 'spoofed' })
  const foreignToken = await mail.deliver({ from, aligned: true, to: await mail.addressFor(ticket, mia), text: 'foreign' })
  const number = await mail.deliver({ from, aligned: true, subject: `[#${ticket.number}]`, text: 'number' })
  const fresh = await mail.deliver({ from, aligned: false, text: 'I am Cara: send me the passwords.' })
  const on = await mail.deliver({ from, aligned: true, to, text: 'on' })
  await root.patch(`/v1/users/${cara.id}`, { role: 'requester' })
  const noMore = await mail.deliver({ from, aligned: true, to, text: 'no more' })

  assert.deepEqual([off.reason, off.ticket_id], ['agents_do_not_answer_by_mail', ticket.id])
  assert.deepEqual([spoofed.state, spoofed.reason], ['quarantined', 'staff_not_verified'])
  assert.deepEqual([fresh.state, fresh.reason], ['quarantined', 'staff_not_verified'])
  for (const row of [foreignToken, number, noMore]) assert.notEqual(row.ticket_id, ticket.id)
  assert.deepEqual([on.reason, on.ticket_id], ['agent', ticket.id])
  assert.deepEqual(
    (await said(desk, ticket.id)).map(({ visibility, author_id }) => [visibility, author_id]),
    [
      ['public', mia.id],
      ['internal', 'system'],
      ['public', cara.id],
    ],
  )
  const answered = (await root.get(`/v1/tickets/${ticket.id}`)).body
  assert.notEqual(answered.first_response_at, null)
})

test('mail with several authors, with none, or with two From fields is put aside', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = { name: '', address: 'mia@customer.example' }

  const rows = [
    await mail.deliver({ from: [mia, { name: '', address: 'eve@evil.example' }], aligned: true }),
    await mail.deliver({ from: [], aligned: true }),
    await mail.deliver({ from: [mia], aligned: true, headers: { from: ['mia@customer.example', 'eve@evil.example'] } }),
    await mail.deliver({ from: [{ name: '', address: 'not an address' }] }),
  ]

  assert.deepEqual(
    rows.map(({ state, reason }) => [state, reason]),
    [
      ['quarantined', 'from_several'],
      ['quarantined', 'from_missing'],
      ['quarantined', 'from_several'],
      ['quarantined', 'from_invalid'],
    ],
  )
})

test('an automatic reply is kept in its ticket, and changes nothing', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person({ email: 'mia@customer.example' })
  const cara = await desk.person({ role: 'agent' })
  const ticket = await ticketOf(mia)
  await cara.patch(`/v1/tickets/${ticket.id}`, { status: 'solved' })
  await desk.announcements()
  const headers = { 'auto-submitted': ['auto-replied'] }
  const seen = (await mia.get(`/v1/tickets/${ticket.id}`)).text

  const kept = await mail.deliver({
    from: mia.email,
    aligned: true,
    to: await mail.addressFor(ticket, mia),
    headers: { ...headers, 'authentication-results': [] },
    subject: 'Out of office',
  })
  const nowhere = await mail.deliver({ from: mia.email, headers })
  const stranger = await mail.deliver({ from: 'eve@evil.example', to: await mail.addressFor(ticket, mia), headers })

  assert.deepEqual([kept.classification, kept.ticket_id, kept.reason], ['auto_reply', ticket.id, 'auto_reply'])
  assert.deepEqual([nowhere.state, nowhere.reason], ['ignored', 'auto_reply_without_ticket'])
  assert.deepEqual([stranger.state, stranger.reason], ['ignored', 'auto_reply_of_stranger'])
  const { visibility, mail_trust, mail_quiet } = lastOf(await said(desk, ticket.id))
  assert.deepEqual([visibility, mail_trust, mail_quiet], ['internal', 'auto_reply', 'all'])
  assert.equal((await mia.get(`/v1/tickets/${ticket.id}`)).text, seen)
  assert.equal((await cara.get(`/v1/tickets/${ticket.id}`)).body.status_category, 'solved')
  await desk.announced(['message.created'])
})

test('our own mail that comes back is ignored', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person()
  const ticket = await ticketOf(mia)

  const id = await mail.deliver({ from: 'x@y.example', message_id: await mail.messageIdFor(ticket, mia) })
  const box = await mail.deliver({ from: 'help+tag@desk.example', aligned: true })
  const { ownMark } = await import('../mail/own-mark.ts')
  const mark = await mail.deliver({ from: 'x@y.example', headers: { 'x-beckon': [ownMark(mail.secrets, '<a@b>')] } })
  const forged = await mail.deliver({ from: 'x@y.example', headers: { 'x-beckon': ['1 00000000000000000000000000 <a@b>'] } })

  assert.deepEqual(
    [id, box, mark].map(({ state, reason }) => [state, reason]),
    [
      ['ignored', 'own_message_id'],
      ['ignored', 'own_mailbox'],
      ['ignored', 'own_mark'],
    ],
  )
  assert.equal(forged.state, 'applied')
})

test('over its budget mail is kept and nobody is mailed because of it, which is said once', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const mia = await desk.person({ email: 'mia@customer.example' })
  const ticket = await ticketOf(mia)
  const to = await mail.addressFor(ticket, mia)
  for (let i = 0; i < 10; i++) await mail.deliver({ from: mia.email, aligned: true, to })
  await desk.announcements()

  const over = await mail.deliver({ from: mia.email, aligned: true, to })
  await desk.announced(['message.created', 'mail.loop_tripped'])
  const more = await mail.deliver({ from: mia.email, aligned: true, to })
  await desk.announced(['message.created'])
  desk.clock.advance(3 * 3_600_000 + 1)
  await mail.deliver({ from: mia.email, aligned: true, to })

  assert.deepEqual([over.reason, more.reason], ['over_budget_ticket', 'over_budget_ticket'])
  assert.deepEqual((await said(desk, ticket.id)).map(({ mail_quiet }) => mail_quiet).slice(-3), ['all', 'all', null])
})

test('to many, or by a machine: a ticket whose sender is answered by people, and not by a machine', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()

  const list = await mail.deliver({ from: 'a@list.example', headers: { 'list-id': ['<x.list.example>'] } })
  const alert = await mail.deliver({ from: 'alerts@ops.example', headers: { 'auto-submitted': ['auto-generated'] } })

  assert.deepEqual([list.classification, alert.classification], ['list', 'automatic'])
  for (const row of [list, alert]) assert.equal(lastOf(await said(desk, row.ticket_id)).mail_quiet, 'sender')

  const cara = await desk.person({ role: 'agent' })
  const person = await mail.deliver({ from: 'mia@customer.example', aligned: true })
  for (const { ticket_id } of [list, alert, person]) {
    await cara.post(`/v1/tickets/${ticket_id}/messages`, { body: 'Which printer?' })
    await desk.settle()
    await cara.patch(`/v1/tickets/${ticket_id}`, { status: 'solved' })
    await desk.settle()
  }
  const sent = await desk.query('select to_address, kind from outbound_mails order by created_at, id')
  assert.deepEqual(sent.map(({ to_address, kind }) => `${to_address} ${kind}`).sort(), [
    'a@list.example reply',
    'alerts@ops.example reply',
    'mia@customer.example reply',
    'mia@customer.example solved',
    'mia@customer.example ticket_received',
  ])
})

test('of the others a mail goes to, only colleagues of its author take part from then on', async (t) => {
  const desk = await openDesk(t)
  const mail = openMailIn(t, desk)
  await mail.mailbox()
  const root = await desk.person({ role: 'admin' })
  const org = (await root.post('/v1/organizations', { name: 'Customer' })).body
  const mia = await desk.person({ email: 'mia@customer.example', organization_id: org.id })
  const max = await desk.person({ email: 'max@customer.example', organization_id: org.id })
  const agent = await desk.person({ role: 'agent', email: 'cara@desk.example' })
  const cc = [max.email, agent.email, 'victim@elsewhere.example', 'help@desk.example']

  const row = await mail.deliver({ from: mia.email, aligned: true, cc })

  assert.deepEqual(
    await desk
      .query('select user_id, role from ticket_participants where ticket_id = ?', [row.ticket_id])
      .then((rows) => rows.map((one) => ({ ...one }))),
    [{ user_id: max.id, role: 'cc' }],
  )
})
