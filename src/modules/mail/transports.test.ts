import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { openFaultServer } from '../../../test/smtp-server.ts'
import { createMailgun, outcomeOfStatus } from './mailgun.ts'
import { mendingOf } from './mending.ts'
import { createSmtp } from './smtp.ts'

const envelope = { from: 'help@desk.example', to: 'ada@example.com' }
const raw = Buffer.from('Message-ID: <m1@desk.example>\r\nFrom: help@desk.example\r\nTo: ada@example.com\r\n\r\nHello\r\n')

test('where STARTTLS was taken out on the way, no password is sent, and it is said how to mend it', async (t) => {
  const server = await openFaultServer(t)
  const smtp = createSmtp({ url: `smtp://ada:secret@127.0.0.1:${server.port}?requireTLS=true`, connections: 1 })
  t.after(() => smtp.close())

  const outcome = await smtp.send({ envelope, raw })

  assert.ok(outcome.kind === 'connection', outcome.response)
  assert.match(mendingOf(outcome), /never goes in clear text/, outcome.response)
  assert.equal(server.seen.length, 0)
})

test('a server that talks no TLS on its port for TLS has no mail, and costs it nothing', async (t) => {
  const server = await openFaultServer(t)
  const smtp = createSmtp({ url: `smtps://127.0.0.1:${server.port}?connectionTimeout=500`, connections: 1 })
  t.after(() => smtp.close())

  const outcome = await smtp.send({ envelope, raw })

  assert.ok(outcome.kind === 'connection', outcome.response)
  assert.match(mendingOf(outcome), /smtps:\/\/|smtp:\/\//)
})

test('a session goes on after a refusal, and sends the next mail', async (t) => {
  const server = await openFaultServer(t, { ofMails: (to) => (to.startsWith('gone') ? '550' : undefined) })
  const smtp = createSmtp({ url: server.url, connections: 1 })
  t.after(() => smtp.close())

  const refused = await smtp.send({ envelope: { ...envelope, to: 'gone@example.com' }, raw })
  const taken = await smtp.send({ envelope, raw })

  assert.deepEqual([refused.kind, refused.smtp_code, refused.enhanced_code], ['permanent', 550, '5.1.1'])
  assert.equal(taken.kind, 'accepted')
  assert.equal(server.connections(), 1)
})

test('a mail that is called back in time is not sent', async (t) => {
  const server = await openFaultServer(t, { ofMails: () => 'hangs-at-recipient' })
  const smtp = createSmtp({ url: server.url, connections: 1 })
  t.after(() => smtp.close())
  const calling = new AbortController()

  const sent = smtp.send({ envelope, raw, signal: calling.signal })
  calling.abort()

  assert.notEqual((await sent).kind, 'accepted')
  assert.equal(server.seen.length, 0)
})

test('Mailgun gets the mail as it is, with the key, and its answers are understood', async (t) => {
  const got: { url: string; authorization: string; body: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      got.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '', body })
      response.writeHead(body.includes('nobody@') ? 400 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ message: body.includes('nobody@') ? 'to parameter is not a valid address' : 'Queued.' }))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => void server.close())
  const { port } = server.address() as { port: number } // listens on a port, not on a pipe
  const endpoint = encodeURIComponent(`http://127.0.0.1:${port}`)
  const mailgun = createMailgun({ url: `mailgun://key%2D1@mg.desk.example?endpoint=${endpoint}`, connections: 1 })

  const taken = await mailgun.send({ envelope, raw })
  const refused = await mailgun.send({ envelope: { ...envelope, to: 'nobody@example.com' }, raw })
  const umlaut = await mailgun.send({ envelope: { ...envelope, to: 'jürgen@example.com' }, raw })
  server.closeAllConnections()
  server.close()
  const away = await mailgun.send({ envelope, raw })

  assert.deepEqual([taken.kind, taken.response], ['accepted', 'HTTP 200 Queued.'])
  assert.deepEqual([refused.kind, refused.response], ['permanent', 'HTTP 400 to parameter is not a valid address'])
  assert.deepEqual([umlaut.kind, umlaut.enhanced_code], ['permanent', '5.6.7'])
  assert.equal(away.kind, 'connection')
  assert.equal(got.length, 2)
  assert.equal(got[0]?.url, '/v3/mg.desk.example/messages.mime')
  assert.equal(got[0]?.authorization, `Basic ${Buffer.from('api:key-1').toString('base64')}`)
  assert.ok(got[0]?.body.includes(raw.toString('latin1')))
})

for (const [status, kind] of [
  [200, 'accepted'],
  [400, 'permanent'],
  [401, 'connection'],
  [402, 'connection'],
  [404, 'connection'],
  [413, 'permanent'],
  [429, 'connection'],
  [503, 'connection'],
] as const)
  test(`HTTP ${status} of the provider is ${kind}`, () => assert.equal(outcomeOfStatus(status, '{}').kind, kind))
