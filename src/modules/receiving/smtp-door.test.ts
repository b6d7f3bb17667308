import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { createTransport } from 'nodemailer'
import { type Desk, openDesk } from '../../../test/desk.ts'

/** A desk with two mailboxes that takes in mail by SMTP and LMTP. */
async function openDoors(t: Parameters<typeof openDesk>[0], env: Record<string, string> = {}) {
  const desk = await openDesk(t, {
    env: { BECKON_SMTP_LISTEN: '127.0.0.1:0', BECKON_LMTP_LISTEN: '127.0.0.1:0', BECKON_SMTP_NAME: 'desk.example.com', ...env },
  })
  const admin = await desk.person({ role: 'admin' })
  const make = async (address: string) => (await admin.post('/v1/mailboxes', { address, name: 'Support' })).body.id
  const mailboxes = { support: await make('support@example.com'), bills: await make('bills@example.com') }
  const { smtp = 0, lmtp = 0 } = await desk.app.openDoors()
  return { desk, admin, mailboxes, smtp, lmtp }
}

/** A client that says what it wants; answers each time what the server says. */
async function speak(
  port: number,
): Promise<{ say(text: string): Promise<string>; answers(count: number): Promise<string[]>; socket: Socket }> {
  const socket = connect(port, '127.0.0.1')
  const lines: string[] = []
  let rest = ''
  let wake = (): void => {}
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    const parts = (rest + chunk).split('\r\n')
    rest = parts.pop() ?? ''
    lines.push(...parts.filter((line) => /^\d{3}( |$)/.test(line)))
    wake()
  })
  socket.on('close', () => wake())
  const next = async (): Promise<string> => {
    while (lines.length === 0 && !socket.closed) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
    return lines.shift() ?? 'closed'
  }
  await once(socket, 'connect')
  await next()
  return {
    socket,
    say: (text) => {
      socket.write(`${text}\r\n`)
      return next()
    },
    answers: async (count) => {
      const found: string[] = []
      for (let i = 0; i < count; i++) found.push(await next())
      return found
    },
  }
}

const mail = (id: string) =>
  `From: Ada <ada@example.org>\r\nTo: support@example.com\r\nSubject: Printer\r\nMessage-ID: <${id}@example.org>\r\n\r\nIt burns.\r\n..and a dot.\r\n`

async function kept(desk: Desk) {
  const rows = await desk.query(
    'select mailbox_id, source, envelope_from, envelope_to, header_id, copies from inbound_mails order by header_id, mailbox_id',
  )
  return rows.map(({ mailbox_id, source, envelope_from, envelope_to, header_id, copies }) => ({
    mailbox_id,
    source,
    envelope_from,
    envelope_to: JSON.parse(envelope_to),
    header_id,
    copies: Number(copies),
  }))
}

test('mail for a mailbox is taken in once, for strangers not at all', async (t) => {
  const { desk, admin, mailboxes, smtp } = await openDoors(t)
  const client = await speak(smtp)

  assert.match(await client.say('EHLO mx.example.org'), /^250 /)
  assert.match(await client.say('VRFY support@example.com'), /^5/)
  assert.match(await client.say('AUTH PLAIN AGEAYQ=='), /^5/)
  assert.match(await client.say('STARTTLS'), /^5/)
  const send = async (to: string[], text: string) => {
    const said = [await client.say('MAIL FROM:<ada@example.org>')]
    for (const one of to) said.push(await client.say(`RCPT TO:<${one}>`))
    if (!said.slice(1).some((line) => line.startsWith('250'))) return [...said, await client.say('RSET')]
    return [...said, await client.say('DATA'), await client.say(`${text.replaceAll('\r\n.', '\r\n..')}.`)]
  }
  const codes = (lines: string[]) => lines.map((line) => line.slice(0, 9))
  const first = await send(['Support+1k-1-x@Example.com', 'eve@example.net', 'nobody@example.com'], mail('one'))
  const again = await send(['support@example.com'], mail('one'))
  const both = await send(['support@example.com', 'bills@example.com', 'bills+2@example.com'], mail('two'))
  const relay = await send(['eve@example.net'], mail('three'))
  const percent = await send(['eve%example.net@example.com'], mail('three'))
  await admin.patch(`/v1/mailboxes/${mailboxes.bills}`, { enabled: false })
  const off = await send(['bills@example.com'], mail('four'))
  client.socket.end()

  assert.deepEqual(codes(first), ['250 Accep', '250 Accep', '550 5.1.1', '550 5.1.1', '354 End d', '250 2.0.0'])
  assert.deepEqual([again.at(-1)?.slice(0, 9), both.at(-1)?.slice(0, 9)], ['250 2.0.0', '250 2.0.0'])
  assert.deepEqual([relay[1]?.slice(0, 9), percent[1]?.slice(0, 9), off[1]?.slice(0, 9)], ['550 5.1.1', '550 5.1.1', '450 4.2.1'])
  const one = { source: 'smtp', envelope_from: 'ada@example.org' }
  assert.deepEqual(await kept(desk), [
    {
      ...one,
      mailbox_id: mailboxes.support,
      envelope_to: ['Support+1k-1-x@Example.com'],
      header_id: '<one@example.org>',
      copies: 2,
    },
    { ...one, mailbox_id: mailboxes.support, envelope_to: ['support@example.com'], header_id: '<two@example.org>', copies: 1 },
    {
      ...one,
      mailbox_id: mailboxes.bills,
      envelope_to: ['bills@example.com', 'bills+2@example.com'],
      header_id: '<two@example.org>',
      copies: 1,
    },
  ])
})

test('what breaks off is not kept, what is too large is refused, and who tries many names is shown out', async (t) => {
  const { desk, smtp } = await openDoors(t, { BECKON_MAIL_LIMIT_BYTES: '20000', BECKON_SMTP_MAILS_PER_MINUTE: '3' })
  const begin = async () => {
    const client = await speak(smtp)
    await client.say('EHLO mx.example.org')
    return { client, from: await client.say('MAIL FROM:<>') }
  }

  const cut = await begin()
  await cut.client.say('RCPT TO:<support@example.com>')
  await cut.client.say('DATA')
  cut.client.socket.write(mail('cut').slice(0, 60))
  cut.client.socket.destroy()

  const large = await begin()
  await large.client.say('RCPT TO:<support@example.com>')
  await large.client.say('DATA')
  assert.match(await large.client.say(`${mail('large')}${'It burns.\r\n'.repeat(3000)}.`), /^552/)

  const guessing = await begin()
  const answers: string[] = []
  for (let i = 0; i < 25; i++) answers.push(await guessing.client.say(`RCPT TO:<name${i}@example.com>`))
  assert.deepEqual(
    [answers[0]?.slice(0, 3), answers[19]?.slice(0, 3), answers[20]?.slice(0, 3), answers[24]],
    ['550', '550', '421', 'closed'],
  )

  const busy = await begin()
  assert.match(busy.from, /^451 4\.7\.1/)
  busy.client.socket.destroy()
  assert.deepEqual(await kept(desk), [])
})

test('by LMTP each recipient has an answer', async (t) => {
  const { desk, mailboxes, lmtp } = await openDoors(t)
  const client = await speak(lmtp)

  assert.match(await client.say('EHLO localhost'), /^500/)
  assert.match(await client.say('LHLO localhost'), /^250 /)
  await client.say('MAIL FROM:<ada@example.org>')
  await client.say('RCPT TO:<support@example.com>')
  await client.say('RCPT TO:<bills@example.com>')
  await client.say('RCPT TO:<support+x@example.com>')
  await client.say('DATA')
  const [first, ...others] = [await client.say(`${mail('one').replaceAll('\r\n.', '\r\n..')}.`), ...(await client.answers(2))]
  client.socket.end()

  assert.match(first ?? '', /^250 2\.0\.0 Kept as inb_/)
  assert.equal(others[1], first)
  assert.match(others[0] ?? '', /^250 2\.0\.0 Kept as inb_/)
  assert.deepEqual(
    (await kept(desk)).map(({ mailbox_id, envelope_to }) => [mailbox_id, envelope_to]),
    [
      [mailboxes.support, ['support@example.com', 'support+x@example.com']],
      [mailboxes.bills, ['bills@example.com']],
    ],
  )
})

test('a mail server hands mail over under TLS', async (t) => {
  const { key, cert } = await testCertificate()
  const { desk, smtp } = await openDoors(t, { BECKON_SMTP_TLS_KEY: key, BECKON_SMTP_TLS_CERT: cert })
  const transport = createTransport({
    host: '127.0.0.1',
    port: smtp,
    requireTLS: true,
    tls: { ca: cert, servername: 'desk.example.com' },
    name: 'mx.example.org',
  })
  t.after(() => transport.close())

  await transport.sendMail({
    from: 'ada@example.org',
    to: 'support@example.com',
    subject: 'Ünïcode',
    text: 'It burns.',
    messageId: '<tls@example.org>',
  })

  assert.equal((await kept(desk))[0]?.header_id, '<tls@example.org>')
})

/** A certificate of its own authority for desk.example.com, made by openssl. */
async function testCertificate(): Promise<{ key: string; cert: string }> {
  const { execFile } = await import('node:child_process')
  const { promisify } = await import('node:util')
  const args =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout - -out - -days 2 -subj /CN=desk.example.com -addext subjectAltName=DNS:desk.example.com'
  const { stdout } = await promisify(execFile)('openssl', args.split(' '))
  const [key = ''] = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/.exec(stdout) ?? []
  const [cert = ''] = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(stdout) ?? []
  return { key, cert }
}
