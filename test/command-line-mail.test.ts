import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type CommandLine, openCommandLine, type Served } from './command-line.ts'
import type { Json } from './desk.ts'
import { openImapServer } from './imap-server.ts'
import { openMailServer } from './mail-server.ts'
import { openFaultServer } from './smtp-server.ts'

const password = 'seven green umbrellas'

/** A server with an admin, and a way to ask it as him. */
async function openServer(t: TestContext, env: Record<string, string> = {}) {
  const commands = openCommandLine(t)
  await commands.run(['admin', 'create', '--email', 'ada@example.com'], { input: password, env })
  const server = await commands.serve(env)
  const ask = asker(server)
  const { access_token } = await ask('POST', '/v1/auth/login', { email: 'ada@example.com', password })
  return { commands, server, ask: asker(server, access_token) }
}

function asker({ url }: Served, token?: string) {
  return async (method: string, path: string, body?: unknown, type = 'application/json'): Promise<Json> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { 'content-type': type } : {}) },
      ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    assert.ok(answer.ok, text)
    return text === '' ? null : JSON.parse(text)
  }
}

/** What a command lists, once the running server has brought it so far. */
async function listed(commands: CommandLine, words: string[], isMeant: (data: Json[]) => boolean): Promise<Json[]> {
  for (let tries = 1; ; tries++) {
    const { out, err } = await commands.run([...words, '-o', 'json'])
    assert.equal(err, '')
    const { data } = JSON.parse(out)
    if (isMeant(data)) return data
    if (tries === 60) throw new Error(`it does not come so far: ${out}`)
    await wait(100)
  }
}

test('a test mail is kept where no mail server is set up, and the command says where', async (t) => {
  const commands = openCommandLine(t)

  const kept = await commands.run(['mail', 'test', 'mia@example.com'])
  const asJson = await commands.run(['mail', 'test', 'mia@example.com', '-o', 'json'])

  assert.equal(kept.code, 0)
  assert.match(kept.out, /The mail from .* to mia@example\.com was taken: Kept in the development outbox/)
  assert.match(kept.out, /BECKON_MAIL_URL is not set: the mail is in the development outbox, \/dev\/outbox/)
  const { accepted, mending, to } = JSON.parse(asJson.out)
  assert.deepEqual([accepted, mending, to], [true, null, 'mia@example.com'])
})

test('a test mail leaves through the mail server, and what that refuses is told with how to mend it', async (t) => {
  const mails = await openMailServer(t)
  const faulty = await openFaultServer(t, { ofMails: () => '550' })
  const commands = openCommandLine(t)
  const from = { BECKON_MAIL_FROM: 'Help <help@desk.example>' }
  const send = (url: string) =>
    commands.run(['mail', 'test', 'mia@example.com', '-o', 'json'], { env: { ...from, BECKON_MAIL_URL: url } })

  const taken = await send(mails.url)
  const refused = await send(faulty.url)
  const unreachable = await send('smtp://127.0.0.1:9')

  assert.deepEqual([taken.code, refused.code, unreachable.code], [0, 1, 1])
  assert.equal(JSON.parse(taken.out).accepted, true)
  const [mail] = mails.taken
  assert.deepEqual(
    [mail?.from, mail?.to, mail?.header('subject')],
    ['help@desk.example', ['mia@example.com'], 'A mail from Beckon'],
  )
  assert.equal(mail?.header('message-id'), JSON.parse(taken.out).header_id)
  const facts = JSON.parse(refused.out)
  assert.deepEqual([facts.accepted, facts.smtp_code, facts.enhanced_code], [false, 550, '5.1.1'])
  assert.match(JSON.parse(refused.err).error.message, /was not taken: .*No such user[\s\S]*\n.{20,}\./)
  assert.match(JSON.parse(unreachable.err).error.message, /ECONNREFUSED[\s\S]*\n.{20,}\./)
})

test('mail on its way out is listed, called back, tried again, and then it is there', async (t) => {
  let isOpen = false
  const mails = await openFaultServer(t, { ofMails: () => (isOpen ? undefined : '451') })
  const { commands, ask } = await openServer(t, { BECKON_MAIL_URL: mails.url })
  for (const name of ['mia', 'bob']) {
    const requester = { email: `${name}@example.com`, name }
    const ticket = await ask('POST', '/v1/tickets', { subject: `For ${name}`, body: 'B', requester })
    await ask('POST', `/v1/tickets/${ticket.id}/messages`, { body: `Dear ${name}` })
  }

  const waiting = await listed(commands, ['outbound', 'list', '--state', 'deferred'], (data) => data.length === 4)
  const ofBob = waiting.filter(({ to }) => to === 'bob@example.com').map(({ id }) => id)
  const table = await commands.run(['outbound', 'list', '--limit', '1'])
  const called = await commands.run(['outbound', 'cancel', ...ofBob])
  const again = await commands.run(['outbound', 'cancel', ...ofBob])
  isOpen = true
  const ofMia = waiting.filter(({ to }) => to === 'mia@example.com').map(({ id }) => id)
  const retried = await commands.run(['outbound', 'retry', ...ofMia, '-o', 'json'])
  const sent = await listed(commands, ['outbound', 'list', '--state', 'sent'], (data) => data.length === 2)
  const late = await commands.run(['outbound', 'retry', ...ofMia])
  const none = await commands.run(['outbound', 'list', '--state', 'bounced'])
  const unknown = await commands.run(['outbound', 'retry', 'mail_0'])

  assert.match(waiting[0].response, /4\.7\.1 Greylisted/)
  assert.match(table.out, /^id +state +to +tries +next try +what was said\nmail_\S+ +deferred +\w+@example\.com +1 +\d{4}-/)
  assert.deepEqual([called.code, called.out], [0, '2 called back.\n'])
  assert.equal(again.code, 1)
  assert.match(again.err, /Of the 2 named, 2 do not wait any more, or do not exist: `beckon outbound list` says/)
  assert.deepEqual(JSON.parse(retried.out), { retried: 2 })
  assert.deepEqual(sent.map(({ id }) => id).toSorted(), ofMia.toSorted())
  assert.deepEqual(
    mails.taken.map(({ to }) => to[0]),
    ['mia@example.com', 'mia@example.com'],
  )
  assert.deepEqual([late.code, unknown.code], [1, 1])
  assert.match(late.err, /2 are sent, are being sent, or do not exist: `beckon outbound list`/)
  assert.equal(none.out, 'None is bounced.\n')
})

test('mail that came in is listed and explained, and worked on again unless what it did is still there', async (t) => {
  const { commands, ask } = await openServer(t)
  await ask('POST', '/v1/mailboxes', { address: 'help@example.com', name: 'Help' })
  const receive = async (more: string): Promise<string> => {
    const source = `From: Mia <mia@example.org>\r\nTo: help@example.com\r\n${more}\r\n\r\nEmpty.\r\n`
    return (await ask('POST', '/v1/inbound/raw', source, 'message/rfc822')).mails[0].id
  }
  const id = await receive('Subject: No toner')
  const away = await receive('Subject: I am away\r\nAuto-Submitted: auto-replied')

  const list = ['inbound', 'list', '--state', 'applied', 'ignored']
  await listed(commands, list, (data) => data.length === 2)
  const table = await commands.run(['inbound', 'list'])
  const shown = await commands.run(['inbound', 'show', id])
  const early = await commands.run(['inbound', 'replay', away, id])
  const replayed = await commands.run(['inbound', 'replay', away])
  await listed(commands, list, (data) => data.length === 2)
  const asJson = await commands.run(['inbound', 'show', away, '-o', 'json'])
  const unknown = await commands.run(['inbound', 'replay', 'inb_0'])
  const missing = await commands.run(['inbound', 'show', 'inb_0'])

  assert.match(table.out, new RegExp(`${id} .* applied .* mia@example\\.org +No toner`))
  assert.match(table.out, new RegExp(`${away} .* ignored .* mia@example\\.org +I am away`))
  assert.match(shown.out, /^state +applied$/m)
  assert.match(shown.out, /^ticket_id +tkt_/m)
  assert.equal(early.code, 1)
  assert.match(early.err, new RegExp(`Nothing is worked on again\\. ${id}: .*still there.* \`beckon inbound list\``))
  assert.deepEqual([replayed.code, replayed.out], [0, '1 to be worked on again.\n'])
  const { explain, state } = JSON.parse(asJson.out)
  assert.equal(state, 'ignored')
  assert.equal(explain.filter(({ step }: Json) => step === 'replayed').length, 1)
  assert.deepEqual([unknown.code, missing.code], [1, 1])
  assert.match(unknown.err, /inb_0: there is no such mail\. `beckon inbound list` shows/)
  assert.match(missing.err, /There is no inbound mail inb_0: `beckon inbound list` shows/)
})

test('mailboxes are listed, and a check says of each what is well and what must be mended', async (t) => {
  const imap = await openImapServer(t, { user: 'support', password: 'the right one' })
  const { commands, ask } = await openServer(t)
  const none = [await commands.run(['mailbox', 'list']), await commands.run(['mailbox', 'check'])]
  const at = { host: '127.0.0.1', port: imap.port, security: 'none', user: 'support' }
  const make = (address: string, changes: object) =>
    ask('POST', '/v1/mailboxes', {
      address,
      name: 'Help',
      enabled: false,
      imap: { ...at, password: 'the right one', ...changes },
    })
  await make('good@mail.invalid', {})
  await make('locked@mail.invalid', { password: 'another one' })
  await make('lost@mail.invalid', { folder: 'Support' })
  await make('closed@mail.invalid', { port: 9 })

  const list = await commands.run(['mailbox', 'list'])
  const check = await commands.run(['mailbox', 'check', '-o', 'json'])
  const one = await commands.run(['mailbox', 'check', 'locked@mail.invalid'])
  const nobody = await commands.run(['mailbox', 'check', 'nobody@mail.invalid'])

  assert.ok(none.every(({ code, out }) => code === 0 && out.includes('POST /v1/mailboxes makes one')))
  assert.match(list.out, new RegExp(`good@mail\\.invalid +Help +no +support@127\\.0\\.0\\.1:${imap.port}/INBOX`))
  assert.equal(check.code, 1)
  const findings = new Map<string, Json[]>(JSON.parse(check.out).data.map((found: Json) => [found.address, found.findings]))
  const stateOf = (address: string, check: string) => findings.get(address)?.find((finding) => finding.check === check)?.state
  assert.equal(stateOf('good@mail.invalid', 'connection'), 'ok')
  assert.equal(stateOf('good@mail.invalid', 'folder'), 'ok')
  assert.equal(stateOf('locked@mail.invalid', 'login'), 'failed')
  assert.equal(stateOf('lost@mail.invalid', 'folder'), 'failed')
  assert.equal(stateOf('closed@mail.invalid', 'connection'), 'failed')
  for (const found of findings.values())
    for (const { state, mend } of found) assert.ok(state !== 'failed' || mend !== null, 'what failed can be mended')
  assert.equal(one.code, 1)
  assert.match(one.out, /^locked@mail\.invalid\n[\s\S]*FAILED +login +.*\n +\S/)
  assert.match(one.err, /locked@mail\.invalid: see what is marked FAILED/)
  assert.match(nobody.err, /There is no mailbox nobody@mail\.invalid: `beckon mailbox list` shows/)
  // It only looks.
  assert.ok(imap.commands.some((command) => command.startsWith('EXAMINE')))
  assert.ok(!imap.commands.some((command) => /^(UID )?(STORE|FETCH|EXPUNGE|MOVE|COPY)\b/i.test(command)))
})
