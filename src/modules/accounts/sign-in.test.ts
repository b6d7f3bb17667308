import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodPassword, loginStatus, registered, tokenMailedTo } from '../../../test/accounts.ts'
import { openDesk } from '../../../test/desk.ts'

const ada = { email: 'Ada@Example.com', password: goodPassword, name: 'Ada' }

test('somebody registers, opens the mail, verifies, and is signed in', async (t) => {
  const desk = await openDesk(t)

  const asked = await desk.anyone.post('/v1/auth/register', ada)
  const verified = await desk.anyone.post('/v1/auth/verify', { token: await tokenMailedTo(desk, ada.email) })
  const me = await desk.bearer(verified.body.access_token).get('/v1/me')

  assert.equal(asked.status, 202)
  assert.deepEqual(asked.body, { object: 'registration', status: 'check_your_mail' })
  assert.equal(verified.status, 200)
  assert.equal(verified.body.token_type, 'Bearer')
  assert.equal(verified.body.expires_in, 600)
  assert.equal(me.body.email, 'Ada@Example.com')
  assert.equal(me.body.role, 'requester')
  assert.equal(me.body.email_verified, true)
  assert.deepEqual(me.body, verified.body.user)
  await desk.announced(['registration.requested', 'user.created', 'session.created'])
})

test('a known address is answered like an unknown one, and only its mail tells the difference', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, ada.email)

  const known = await desk.anyone.post('/v1/auth/register', ada)
  const unknown = await desk.anyone.post('/v1/auth/register', { ...ada, email: 'new@example.com' })

  assert.equal(known.text, unknown.text)
  assert.deepEqual(Object.keys(known.headers).sort(), Object.keys(unknown.headers).sort())
  const mails = (await desk.mails()).slice(-2)
  assert.deepEqual(mails.map(({ to, subject }) => `${to}: ${subject}`).sort(), [
    'Ada@Example.com: You have an account already',
    'new@example.com: Confirm your e-mail address',
  ])
  await desk.announced(['registration.requested', 'registration.requested'])
})

test('the mail to a fresh address holds nothing that its sender typed, and its link stands on a line of its own', async (t) => {
  const desk = await openDesk(t)

  await desk.anyone.post('/v1/auth/register', { ...ada, name: 'Buy cheap pills at pills.test' })

  const [mail] = await desk.mails()
  assert.doesNotMatch(`${mail?.subject} ${mail?.text}`, /pills/)
  assert.match(mail?.text ?? '', /^http:\/\/127\.0\.0\.1:3000\/verify\?token=reg_\w+\.[\w-]{26}$/m)
})

test('a link is good once, for a day, and only as it was mailed', async (t) => {
  const desk = await openDesk(t)
  await desk.anyone.post('/v1/auth/register', ada)
  const token = await tokenMailedTo(desk, ada.email)
  const other = token.endsWith('A') ? 'B' : 'A'
  const wrong = [`${token.slice(0, -1)}${other}`, token.replace('reg_', 'mtk_'), 'reg_x.y', '']
  await desk.announcements()

  for (const text of wrong) assert.equal((await desk.anyone.post('/v1/auth/verify', { token: text })).status, 422)
  const answers = await Promise.all([1, 2].map(() => desk.anyone.post('/v1/auth/verify', { token })))

  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422])
  assert.equal(answers.find(({ status }) => status === 422)?.body.code, 'invalid_mail_token')
  assert.equal((await desk.anyone.post('/v1/auth/verify', { token })).body.code, 'invalid_mail_token')
  await desk.announced(['user.created', 'session.created'])
})

test('a link that is a day old is spent by nobody', async (t) => {
  const desk = await openDesk(t)
  await desk.anyone.post('/v1/auth/register', ada)
  const token = await tokenMailedTo(desk, ada.email)
  desk.clock.advance(86_400_000)

  const late = await desk.anyone.post('/v1/auth/verify', { token })

  assert.equal(late.body.code, 'invalid_mail_token')
  await desk.announced(['registration.requested'])
})

test('looking at the page of a link spends nothing', async (t) => {
  const desk = await openDesk(t)
  await desk.anyone.post('/v1/auth/register', ada)
  const token = await tokenMailedTo(desk, ada.email)

  const page = await desk.anyone.get(`/verify?token=${token}`)
  await desk.anyone.get(`/verify?token=${token}`)

  assert.equal(page.status, 200)
  assert.match(page.text, new RegExp(token.replace('.', '\\.')))
  assert.match(String(page.headers['content-security-policy']), /script-src 'sha256-/)
  assert.equal(page.headers['referrer-policy'], 'no-referrer')
  assert.equal(page.headers['cache-control'], 'no-store')
  assert.equal((await desk.anyone.post('/v1/auth/verify', { token })).status, 200)
})

test('every link has its page, and a broken link too', async (t) => {
  const desk = await openDesk(t)

  for (const path of ['/verify', '/reset', '/invite', '/setup', '/change-email']) {
    assert.equal((await desk.anyone.get(`${path}?token=x`)).status, 200)
    assert.equal((await desk.anyone.get(path)).status, 200)
    assert.doesNotMatch((await desk.anyone.get(`${path}?token=%22%3E%3Cscript%3Ealert(1)`)).text, /<script>alert/)
  }
})

test('a wrong address and a wrong password are answered alike', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, ada.email)

  const unknown = await desk.anyone.post('/v1/auth/login', { email: 'nobody@example.com', password: goodPassword })
  const wrong = await desk.anyone.post('/v1/auth/login', { email: ada.email, password: 'not that password' })

  assert.equal(unknown.status, 401)
  assert.equal(unknown.body.code, 'invalid_credentials')
  assert.equal(unknown.headers['www-authenticate'], 'Bearer')
  const { request_id: _1, ...first } = unknown.body
  const { request_id: _2, ...second } = wrong.body
  assert.deepEqual(first, second)
  await desk.announced([])
})

test('a login finds the account in any case of its letters', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, ada.email)

  const login = await desk.anyone.post('/v1/auth/login', { email: 'aDA@example.COM', password: goodPassword })

  assert.equal(login.status, 200)
  assert.equal(login.headers['cache-control'], 'no-store')
  await desk.announced(['session.created'])
})

test('where registration is closed nobody registers', async (t) => {
  const desk = await openDesk(t)
  await desk.database.write((db) => db.updateTable('settings').set({ registration: 'closed' }).execute())

  const refused = await desk.anyone.post('/v1/auth/register', ada)

  assert.equal(refused.status, 403)
  assert.equal(refused.body.code, 'registration_closed')
  await desk.announced([])
})

test('a password that is short, long or common is refused', async (t) => {
  const desk = await openDesk(t)
  const refusals = {
    'too short': 'too_short',
    ['x'.repeat(257)]: 'too_long',
    Qwertyuiop123: 'too_common',
  }

  for (const [password, code] of Object.entries(refusals)) {
    const refused = await desk.anyone.post('/v1/auth/register', { ...ada, password })
    assert.equal(refused.status, 422, password)
    assert.deepEqual(
      refused.body.errors.map((error: { pointer: string; code: string }) => [error.pointer, error.code]),
      [['/password', code]],
    )
  }
  await desk.announced([])
})

test('after ten wrong passwords the account waits, known or not, and no other does', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, ada.email)
  await registered(desk, 'bob@example.com')

  for (const email of [ada.email, 'nobody@example.com']) {
    for (let i = 0; i < 10; i++) assert.equal(await loginStatus(desk, email, 'not that password'), 401)
    const refused = await desk.anyone.post('/v1/auth/login', { email, password: goodPassword })
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers['retry-after']) > 0)
  }

  assert.equal(await loginStatus(desk, 'bob@example.com', goodPassword), 200)
})

test('a burst of guesses is worth no more than ten', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, ada.email)

  const guesses = await Promise.all(Array.from({ length: 16 }, () => loginStatus(desk, ada.email, 'not that password')))

  assert.equal(guesses.filter((status) => status === 401).length, 10)
  assert.equal(guesses.filter((status) => status === 429).length, 6)
})

test('a right password forgives the wrong ones before it', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, ada.email)

  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 9; i++) assert.equal(await loginStatus(desk, ada.email, 'not that password'), 401)
    assert.equal(await loginStatus(desk, ada.email, goodPassword), 200)
  }
})

test('one address gets five mails an hour at most, known or not', async (t) => {
  const desk = await openDesk(t)
  await desk.person({ email: 'known@example.com' })

  for (const email of ['known@example.com', 'unknown@example.com']) {
    const tries = []
    for (let i = 0; i < 6; i++) tries.push((await desk.anyone.post('/v1/auth/password/forgot', { email })).status)
    assert.deepEqual(tries, [202, 202, 202, 202, 202, 429])
  }
})

test('guessing links is throttled', async (t) => {
  const desk = await openDesk(t)
  const tries = []

  for (let i = 0; i < 51; i++) tries.push((await desk.anyone.post('/v1/auth/verify', { token: `guess ${i}` })).status)

  assert.deepEqual([...new Set(tries.slice(0, 50))], [422])
  assert.equal(tries[50], 429)
})

test('no password, token or address stands in the log, the events or the deliveries', async (t) => {
  const desk = await openDesk(t)
  const { session } = await registered(desk, ada.email)
  const token = await tokenMailedTo(desk, ada.email)
  await desk.anyone.post('/v1/auth/login', { email: ada.email, password: 'a wrong pass phrase' })

  const rows = await Promise.all(
    ['events', 'deliveries', 'sessions', 'registrations'].map((name) => desk.query(`select * from ${name}`)),
  )

  const kept = `${desk.logged()}${JSON.stringify(rows)}`
  for (const secret of [goodPassword, 'a wrong pass phrase', token, session.access_token, session.refresh_token])
    assert.ok(!kept.includes(secret), secret)
  assert.ok(!desk.logged().toLowerCase().includes('ada@example.com'))
})
