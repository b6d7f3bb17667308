import assert from 'node:assert/strict'
import { test } from 'node:test'
import PostalMime from 'postal-mime'
import { type Desk, openDesk, type Person } from '../../../test/desk.ts'
import { openMailServer, type TakenMail } from '../../../test/mail-server.ts'

const MX = 'mx.desk.example'

/** A desk that sends by a mail server, and takes in what its mailbox gets. */
async function openPost(t: Parameters<typeof openDesk>[0]) {
  const server = await openMailServer(t)
  const desk = await openDesk(t, { env: { BECKON_MAIL_URL: server.url } })
  const root = await desk.person({ role: 'admin' })
  const box = { address: 'help@desk.example', name: 'Help', trusted_authserv_id: MX }
  assert.equal((await root.post('/v1/mailboxes', box)).status, 201)
  let seen = 0
  /** What went out since the last call. */
  const sent = async (): Promise<TakenMail[]> => {
    await desk.settle()
    desk.clock.advance(60_000)
    const fresh = server.taken.slice(seen)
    seen = server.taken.length
    return fresh
  }
  return {
    desk,
    root,
    /** A mail of Mia's comes in, vouched for. */
    async write(lines: readonly string[], body = 'It smokes.'): Promise<void> {
      const head = [`Authentication-Results: ${MX}; dmarc=pass header.from=customer.example`, 'From: Mia <mia@customer.example>']
      const raw = `${[...head, ...lines].join('\r\n')}\r\n\r\n${body}`
      const answer = await root.post('/v1/inbound/raw', Buffer.from(raw), { 'content-type': 'message/rfc822' })
      assert.equal(answer.status, 202, answer.text)
      await desk.settle()
      desk.clock.advance(60_000)
    },
    sent,
    /** The same, of this person. */
    sentTo: async (address: string) => (await sent()).filter(({ to }) => to.includes(address)),
  }
}

async function ticketOf(desk: Desk): Promise<string> {
  const rows = await desk.query('select id from tickets')
  assert.equal(rows.length, 1)
  return rows[0].id
}

const only = (mails: readonly TakenMail[]): TakenMail => {
  const [mail] = mails
  assert.ok(mail && mails.length === 1, `${mails.length} mails`)
  return mail
}

const idOf = (mail: TakenMail): string => mail.header('message-id') ?? ''
const threadOf = (mail: TakenMail): [string | undefined, string[]] => [
  mail.header('in-reply-to'),
  mail.header('references')?.split(/\s+/) ?? [],
]

async function reply(agent: Person, ticket_id: string, body: string, attachment_ids: string[] = []): Promise<void> {
  const answer = await agent.post(`/v1/tickets/${ticket_id}/messages`, { body, attachment_ids })
  assert.equal(answer.status, 201, answer.text)
}

test('a conversation by mail is one thread on both sides: each mail answers the one before it', async (t) => {
  const { desk, write, sentTo } = await openPost(t)
  const cara = await desk.person({ role: 'agent' })
  const mia = 'mia@customer.example'

  await write(['To: help@desk.example', 'Subject: Printer', 'Message-ID: <m1@customer.example>'])
  const ticket_id = await ticketOf(desk)
  const receipt = only(await sentTo(mia))
  assert.deepEqual(threadOf(receipt), ['<m1@customer.example>', ['<m1@customer.example>']])
  assert.match(receipt.header('subject') ?? '', /Printer/)

  await cara.patch(`/v1/tickets/${ticket_id}`, { assignee_id: cara.id })
  await reply(cara, ticket_id, 'Run.')
  const first = only(await sentTo(mia))
  assert.deepEqual(threadOf(first), ['<m1@customer.example>', ['<m1@customer.example>']])

  await write([
    `To: ${first.header('reply-to')}`,
    'Subject: Re: Printer',
    'Message-ID: <m2@customer.example>',
    `In-Reply-To: ${idOf(first)}`,
    `References: <m1@customer.example> ${idOf(first)}`,
  ])
  assert.equal(await ticketOf(desk), ticket_id)
  const told = only(await sentTo(cara.email))
  assert.deepEqual(threadOf(told), ['<m2@customer.example>', ['<m1@customer.example>', '<m2@customer.example>']])

  await reply(cara, ticket_id, 'Faster.')
  const second = only(await sentTo(mia))
  assert.deepEqual(threadOf(second), [
    '<m2@customer.example>',
    ['<m1@customer.example>', idOf(receipt), idOf(first), '<m2@customer.example>'],
  ])

  await write([
    'To: help@desk.example',
    'Subject: Re: Printer',
    'Message-ID: <m3@customer.example>',
    `In-Reply-To: ${idOf(second)}`,
  ])
  assert.equal(await ticketOf(desk), ticket_id, 'by the Message-ID alone')
  const bodies = await desk.query('select channel from messages where ticket_id = ? order by place', [ticket_id])
  assert.deepEqual(
    bodies.map(({ channel }) => channel),
    ['mail', 'api', 'mail', 'api', 'mail'],
  )
})

test('what was raised over the API is one thread, too: a mail follows the last one that its recipient got', async (t) => {
  const { desk, sentTo } = await openPost(t)
  const cara = await desk.person({ role: 'agent' })
  const ben = await desk.person({ name: 'Ben' })
  const { id } = (await ben.post('/v1/tickets', { subject: 'Printer', body: 'x' })).body
  const receipt = only(await sentTo(ben.email))
  assert.deepEqual(threadOf(receipt), [undefined, []])
  await reply(cara, id, 'Run.')
  const first = only(await sentTo(ben.email))
  await reply(cara, id, 'Faster.')
  const second = only(await sentTo(ben.email))

  assert.deepEqual(threadOf(first), [idOf(receipt), [idOf(receipt)]])
  assert.deepEqual(threadOf(second), [idOf(first), [idOf(receipt), idOf(first)]])
})

/** The files of a mail, by name, and its text. */
async function partsOf(mail: TakenMail): Promise<{ files: Record<string, Buffer>; text: string }> {
  const { attachments, text = '' } = await PostalMime.parse(mail.text, { attachmentEncoding: 'arraybuffer' })
  const files = attachments.map(({ filename, content }) => [filename, Buffer.from(content as ArrayBuffer)] as const) // asked for above
  return { files: Object.fromEntries(files), text }
}

test('the files of a message go along in its mail, byte for byte, and a note and its files never to a requester', async (t) => {
  const { desk, write, sent, sentTo } = await openPost(t)
  const cara = await desk.person({ role: 'agent' })
  const fay = await desk.person({ role: 'agent' })
  const mia = 'mia@customer.example'
  await write(['To: help@desk.example', 'Subject: Printer', 'Message-ID: <m1@customer.example>'])
  const ticket_id = await ticketOf(desk)
  await cara.put(`/v1/tickets/${ticket_id}/participants/${fay.id}`, { role: 'follower' })
  await sentTo(mia)
  const upload = async (name: string, content: Buffer): Promise<string> => {
    const answer = await cara.upload({ name, content, type: 'application/octet-stream' })
    assert.equal(answer.status, 201, answer.text)
    return answer.body.id
  }
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) % 256))
  const large = Buffer.alloc(11 * 1024 * 1024, 1)

  await reply(cara, ticket_id, 'See the plan.', [
    await upload('größe "x"\r\nBcc: eve.bin', bytes),
    await upload('large.bin', large),
    await upload('small.bin', Buffer.from('small')),
  ])
  const carried = await partsOf(only(await sentTo(mia)))
  const secret = await cara.post(`/v1/tickets/${ticket_id}/messages`, {
    body: 'Psst.',
    visibility: 'internal',
    attachment_ids: [await upload('secret.bin', Buffer.from('secret'))],
  })
  assert.equal(secret.status, 201)
  const told = await sent()

  assert.equal(Object.keys(carried.files).length, 2, `${Object.keys(carried.files)}`)
  const [[name, content] = ['', Buffer.alloc(0)]] = Object.entries(carried.files)
  assert.match(name, /^größe/)
  assert.ok(content.equals(bytes))
  assert.deepEqual(carried.files['small.bin'], Buffer.from('small'))
  // What is too much for a mail is named at least.
  assert.match(carried.text, /large\.bin/)
  assert.deepEqual(
    told.map(({ to }) => to),
    [[fay.email]],
  )
  assert.deepEqual((await partsOf(only(told))).files, { 'secret.bin': Buffer.from('secret') })
})
