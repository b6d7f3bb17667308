import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './chaos/node.ts'
import { openCommandLine } from './command-line.ts'

const secret = 's'.repeat(40)
const password = 'seven green umbrellas'

for (const [words, told] of [
  [['serv'], /unknown command 'serv'[\s\S]*Did you mean serve\?/],
  [['serve', '--prot', '1'], /unknown option '--prot'[\s\S]*Did you mean --port\?/],
  [['db'], /Usage: beckon db/],
  [[], /Usage: beckon/],
  [['config', 'show', '-o', 'yaml'], /text, json/],
  [['admin', 'create'], /--email/],
  [['deliveries', 'retry'], /--all-dead/],
  [['timers', 'retry'], /--all-dead/],
  [['outbound', 'retry'], /--all-failed/],
  [['mail', 'test', 'nobody'], /not an e-mail address/],
] as const)
  test(`"beckon ${words.join(' ')}" is refused with code 2, and says what is meant`, async (t) => {
    const { code, out, err } = await openCommandLine(t).run([...words])

    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(err, told)
  })

test('all mistakes in the settings are told at once, with code 2, and nothing is begun', async (t) => {
  const commands = openCommandLine(t)

  const { code, err } = await commands.run(['serve', '--host', 'http://x'], { env: { PORT: '99999', BECKON_SECERT: secret } })

  assert.equal(code, 2)
  assert.match(err, /3 mistakes/)
  for (const mistake of [/--host/, /PORT: 99999/, /BECKON_SECERT[^\n]*Did you mean BECKON_SECRET/]) assert.match(err, mistake)
  assert.equal(err.includes(secret), false)
  assert.deepEqual(readdirSync(commands.folder), [])
})

test('settings are shown with their source, secrets never', async (t) => {
  const env = { BECKON_SECRET: secret, PORT: '4000' }

  const { code, out } = await openCommandLine(t).run(['config', 'show', '-o', 'json', '--host', '::1'], { env })

  assert.equal(code, 0)
  const shown: { name: string; value: string; source: string }[] = JSON.parse(out).settings
  const setting = (wanted: string) => shown.find(({ name }) => name === wanted)
  assert.deepEqual(setting('BECKON_PORT'), { name: 'BECKON_PORT', value: '4000', source: 'platform' })
  assert.deepEqual(setting('BECKON_HOST'), { name: 'BECKON_HOST', value: '::1', source: 'flag' })
  assert.deepEqual(setting('BECKON_SECRET'), { name: 'BECKON_SECRET', value: '***', source: 'variable' })
  assert.equal(out.includes(secret), false)
})

test('looking at the schema changes nothing, migrating twice is migrating once', async (t) => {
  const commands = openCommandLine(t)

  const before = await commands.run(['db', 'status', '-o', 'json'])
  const wasLeftAlone = readdirSync(commands.folder).length === 0
  const first = await commands.run(['-o', 'json', 'db', 'migrate'])
  const second = await commands.run(['db', 'migrate'])
  const after = await commands.run(['db', 'status'])

  assert.equal(JSON.parse(before.out).migrations[0].state, 'pending')
  assert.ok(wasLeftAlone)
  assert.deepEqual(JSON.parse(first.out).applied.slice(0, 1), ['0001-house'])
  assert.equal(second.out, 'Nothing to do.\n')
  assert.match(after.out, /0001-house +applied/)
})

for (const [what, url, told] of [
  ['does not answer', 'mysql://beckon@127.0.0.1:9/beckon', /127\.0\.0\.1:9 does not answer \(ECONNREFUSED\): start it/],
  ['cannot be opened', 'sqlite:/dev/null/beckon.db', /cannot be opened/],
] as const)
  test(`a database that ${what} is told in one sentence, with code 1`, async (t) => {
    const env = { DATABASE_URL: url, BECKON_SECRET: secret }

    const { code, err } = await openCommandLine(t).run(['db', 'migrate'], { env })

    assert.equal(code, 1)
    assert.match(err, told)
    assert.equal(err.trim().split('\n').length, 1)
  })

test('an admin is made from the command line, and can sign in', async (t) => {
  const commands = openCommandLine(t)

  const made = await commands.run(['admin', 'create', '--email', 'ada@example.com'], { input: `${password}\n` })
  const again = await commands.run(['admin', 'create', '--email', 'ADA@example.com', '-o', 'json'], { input: password })
  const common = await commands.run(['admin', 'create', '--email', 'bob@example.com'], { input: 'password123' })
  const short = await commands.run(['admin', 'create', '--email', 'bob@example.com'], { input: 'short' })
  const server = await commands.serve()
  const login = await fetch(`${server.url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password }),
  })

  assert.deepEqual([made.code, again.code, common.code, short.code], [0, 0, 1, 2])
  assert.match(made.out, /^ada@example\.com is an admin now \(usr_/)
  assert.equal(JSON.parse(again.out).existed, true)
  assert.match(common.err, /common/)
  assert.equal(login.status, 200)
  assert.equal(existsSync(join(commands.folder, 'beckon-data/setup-link')), false)
})

test('a server whose secret is not the one of its database does not start, and says what helps', async (t) => {
  const commands = openCommandLine(t)
  await commands.run(['admin', 'create', '--email', 'ada@example.com'], { input: `${password}\n` })

  const { code, err } = await commands.run(['serve'], { env: { PORT: '0', BECKON_SECRET: secret } })
  const rotated = await commands.run(['key', 'rotate'], { env: { BECKON_SECRET: secret } })
  const server = await commands.serve({ BECKON_SECRET: secret })

  assert.equal(code, 1)
  assert.match(err, /BECKON_SECRET is not the one .* `beckon key rotate`/)
  assert.equal(rotated.code, 0)
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
})

test('a new signing key is published at once, beside the one before', async (t) => {
  const commands = openCommandLine(t)
  const server = await commands.serve()

  const { code, out } = await commands.run(['key', 'rotate', '-o', 'json'])
  await server.process.kill('SIGTERM')
  await server.ended
  const next = await commands.serve()
  const answer = await fetch(`${next.url}/.well-known/jwks.json`)
  const { keys } = (await answer.json()) as { keys: { kid: string }[] } // RFC 7517

  assert.equal(code, 0)
  assert.equal(keys.length, 2)
  assert.ok(keys.some(({ kid }) => kid === JSON.parse(out).kid))
})

test('dead deliveries are listed and can be tried again', async (t) => {
  const commands = openCommandLine(t)
  const unready = await commands.run(['deliveries', 'list'])
  await commands.run(['db', 'migrate'])
  const { DatabaseSync } = await import('node:sqlite')
  const file = new DatabaseSync(join(commands.folder, 'beckon-data/beckon.db'))
  file.exec(`insert into deliveries (id, event_id, reaction, state, due_at, attempts, last_error, created_at)
    values ('dlv_1', 'evt_1', 'accounts.send-link', 'dead', 0, 30, 'connect ECONNREFUSED', 0)`)

  const listed = await commands.run(['deliveries', 'list', '-o', 'json'])
  const unknown = await commands.run(['deliveries', 'retry', 'dlv_2'])
  const retried = await commands.run(['deliveries', 'retry', '--all-dead', '-o', 'json'])
  const left = await commands.run(['deliveries', 'list'])

  assert.equal(unready.code, 1)
  assert.match(unready.err, /beckon db migrate/)
  assert.equal(JSON.parse(listed.out).data[0].id, 'dlv_1')
  assert.equal(JSON.parse(listed.out).data[0].last_error, 'connect ECONNREFUSED')
  assert.equal(unknown.code, 1)
  assert.deepEqual(JSON.parse(retried.out), { retried: 1 })
  assert.equal(left.out, 'None is dead.\n')
  assert.equal(file.prepare('select state from deliveries').get()?.state, 'due')
  file.close()
})

test('timers are listed by state, and those that failed can be tried again, but not before their time', async (t) => {
  const commands = openCommandLine(t)
  await commands.run(['db', 'migrate'])
  const { DatabaseSync } = await import('node:sqlite')
  const file = new DatabaseSync(join(commands.folder, 'beckon-data/beckon.db'))
  const later = Date.UTC(2100, 0, 1)
  file.exec(`insert into timers (id, kind, subject_id, due_at, generation, state, claim_at, attempts, last_error, created_at)
    values ('tim_1', 'jobs.step', 'job_1', 1000, 2, 'dead', 2000, 30, 'no such tag', 0),
      ('tim_2', 'jobs.step', 'job_2', ${later}, 1, 'due', ${later}, 0, null, 0)`)

  const listed = await commands.run(['timers', 'list', '-o', 'json'])
  const waiting = await commands.run(['timers', 'list', '--state', 'due'])
  const early = await commands.run(['timers', 'retry', 'tim_2'])
  const retried = await commands.run(['timers', 'retry', '--all-dead', '-o', 'json'])
  const left = await commands.run(['timers', 'list'])

  assert.deepEqual(JSON.parse(listed.out).data, [
    {
      id: 'tim_1',
      kind: 'jobs.step',
      subject_id: 'job_1',
      state: 'dead',
      attempts: 30,
      due_at: '1970-01-01T00:00:01.000Z',
      next_try_at: null,
      created_at: '1970-01-01T00:00:00.000Z',
      last_error: 'no such tag',
    },
  ])
  assert.match(waiting.out, /tim_2 +jobs\.step +job_2 +0 +2100-01-01T00:00:00\.000Z/)
  assert.equal(early.code, 1)
  assert.deepEqual(JSON.parse(retried.out), { retried: 1 })
  assert.equal(left.out, 'None is dead.\n')
  assert.deepEqual(
    file
      .prepare('select id, state, attempts from timers order by id')
      .all()
      .map((row) => ({ ...row })),
    [
      { id: 'tim_1', state: 'due', attempts: 0 },
      { id: 'tim_2', state: 'due', attempts: 0 },
    ],
  )
  file.close()
})

test('a server without any setting is ready, tells its health, and stops when told to', async (t) => {
  const commands = openCommandLine(t)
  const server = await commands.serve()
  const port = new URL(server.url).port

  const well = await commands.run(['health', '--port', port])
  const outbox = await fetch(`${server.url}/dev/outbox`, { headers: { accept: 'application/json' } })
  const version = await fetch(`${server.url}/version`)
  const live = await fetch(`${server.url}/livez`)
  const taken = await commands.run(['serve', '--port', port])
  const path = join(commands.folder, 'beckon-data/setup-link')
  const link = readFileSync(path, 'utf8').trim()
  server.process.kill('SIGTERM')
  const ended = await server.ended
  const unwell = await commands.run(['health', '--port', port, '-o', 'json'])

  assert.deepEqual([well.code, well.out], [0, 'ok\n'])
  assert.deepEqual(await outbox.json(), { data: [] })
  assert.deepEqual(await version.json(), { version: '0.1.0', node: process.versions.node, database: 'sqlite' })
  assert.equal(live.status, 200)
  assert.equal(taken.code, 1)
  assert.match(taken.err, new RegExp(`port ${port}: stop it, or choose another`))
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.ok(link.startsWith(`${server.url}/setup?token=`))
  assert.equal(ended.out.includes(new URL(link).searchParams.get('token') ?? 'none'), false)
  assert.equal(ended.code, 0)
  assert.equal(ended.err, '')
  assert.equal(unwell.code, 3)
  assert.match(JSON.parse(unwell.err).error.message, /Nothing answers/)
})

test('a stopping server finishes the request that has begun', async (t) => {
  const server = await openCommandLine(t).serve()
  const body = JSON.stringify({ email: 'ada@example.com', password: 'x'.repeat(20) })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  const head = ['POST /v1/auth/login HTTP/1.1', 'Host: localhost', 'Content-Type: application/json']
  socket.write(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`)
  await wait(200)

  server.process.kill('SIGTERM')
  await wait(200)
  socket.write(body.slice(10))
  const { code } = await server.ended

  assert.match(answer, /^HTTP\/1\.1 401 /)
  assert.equal(code, 0)
})

test('told to stop, a server says at once that it is not ready, goes on answering, and ends at once when told again', async (t) => {
  const server = await openCommandLine(t).serve({ BECKON_DRAIN_SECONDS: '600' })
  const statusOf = async (path: string) => (await fetch(`${server.url}${path}`)).status

  server.process.kill('SIGTERM')
  while ((await statusOf('/readyz')) === 200) await wait(20)
  const drained = [await statusOf('/readyz'), await statusOf('/livez'), await statusOf('/docs')]
  // What npm passes on beside the terminal comes sooner, and counts as the same signal.
  await wait(1100)
  server.process.kill('SIGTERM')
  const { code, out } = await server.ended

  assert.deepEqual(drained, [503, 200, 200])
  assert.equal(code, 1)
  assert.match(out, /a second time/)
})

test('a server whose log has no room left goes on serving, and stops when told to', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const commands = openCommandLine(t)
  const port = await freePort()
  const full = openSync('/dev/full', 'w')
  t.after(() => closeSync(full))
  const server = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts'), 'serve'], {
    cwd: commands.folder,
    env: { PATH: process.env.PATH, PORT: String(port), BECKON_DRAIN_SECONDS: '0', BECKON_LOG_LEVEL: 'debug' },
    stdio: ['ignore', full, 'ignore'],
  })
  t.after(() => server.kill('SIGKILL'))
  const ended = once(server, 'exit')
  const statusOf = () =>
    fetch(`http://127.0.0.1:${port}/v1/tickets`).then(
      ({ status }) => status,
      () => undefined,
    )

  while ((await statusOf()) === undefined && server.exitCode === null) await wait(20)
  // Long enough for lines to be written, in vain, more than once.
  await wait(1200)
  const status = await statusOf()
  server.kill('SIGTERM')

  assert.equal(status, 401)
  assert.deepEqual(await ended, [0, null])
})

test('Ctrl+C does not wait for load balancers', async (t) => {
  const server = await openCommandLine(t).serve({ BECKON_DRAIN_SECONDS: '600' })

  server.process.kill('SIGINT')

  assert.equal((await server.ended).code, 0)
})

test('a database of a newer version is refused, and told what it has', async (t) => {
  const commands = openCommandLine(t)
  await commands.run(['db', 'migrate'])
  const { DatabaseSync } = await import('node:sqlite')
  const file = new DatabaseSync(join(commands.folder, 'beckon-data/beckon.db'))
  file.exec("insert into schema_steps (migration, step, applied_at) values ('9999-from-the-future', 'x', 0)")
  file.close()

  const refused = await Promise.all(
    [
      ['serve', '--port', '0'],
      ['db', 'migrate'],
      ['deliveries', 'list'],
    ].map((words) => commands.run(words)),
  )
  const status = await commands.run(['db', 'status'])

  for (const { code, err } of refused) {
    assert.equal(code, 1)
    assert.match(err, /9999-from-the-future.*a newer one has made it\. Start that version or a later one; `beckon db status`/)
    assert.equal(err.trim().split('\n').length, 1)
  }
  assert.equal(status.code, 0)
  assert.match(status.out, /9999-from-the-future +unknown/)
})

test('an api or a worker on SQLite is refused with code 2, and told what it needs', async (t) => {
  const { code, err } = await openCommandLine(t).run(['serve', '--role', 'worker'])

  assert.equal(code, 2)
  assert.match(err, /BECKON_ROLE: SQLite has one process[\s\S]*set DATABASE_URL to the MariaDB or MySQL/)
})

test('what does not end in time is cut off', async (t) => {
  const server = await openCommandLine(t).serve({ BECKON_SHUTDOWN_SECONDS: '1' })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(
    'POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  )
  await wait(200)

  server.process.kill('SIGTERM')
  const { code, out } = await server.ended

  assert.equal(code, 1)
  assert.match(out, /cut off/)
})

test('an older Node is told what is missing', { skip: !existsSync('/usr/bin/node') }, () => {
  const version = execFileSync('/usr/bin/node', ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
  if (Number(version.split('.')[0]) >= 26) return

  const bin = join(import.meta.dirname, '../bin/beckon.mjs')

  assert.throws(
    () => execFileSync('/usr/bin/node', [bin, 'version'], { stdio: 'pipe', encoding: 'utf8' }),
    (error: { status?: number; stderr?: string }) =>
      error.status === 1 && error.stderr?.includes(`Beckon needs Node.js 26, and this is ${version}: run`) === true,
  )
})
