import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodPassword, loginStatus, registered, tokenMailedTo } from '../../../test/accounts.ts'
import { openDesk } from '../../../test/desk.ts'
import { createHasher } from './hashing.ts'
import { faultOfPassword } from './passwords.ts'

const email = 'ada@example.com'
const another = 'eight yellow umbrellas'

test('a password may be anything of ten to 256 characters that is not common', () => {
  const cases: [string, ReturnType<typeof faultOfPassword>][] = [
    ['123456789', 'too_short'],
    ['🖨️'.repeat(4), 'too_short'],
    ['1234567890', 'too_common'],
    ['QWERTYUIOP', 'too_common'],
    ['ｑｗｅｒｔｙｕｉｏｐ', 'too_common'],
    ['ada@example.com', undefined],
    ['x'.repeat(257), 'too_long'],
    ['x'.repeat(256), undefined],
    ['打印机着火了快来帮忙', undefined],
    ['          ', undefined],
  ]

  for (const [password, fault] of cases) assert.equal(faultOfPassword(password), fault, password)
})

test('a hash tells its own password from others, in whatever form its letters are typed', async () => {
  const hasher = createHasher()

  const hash = await hasher.hash('Zoë umbrella')

  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.equal(await hasher.verify('Zoë umbrella'.normalize('NFD'), hash), true)
  assert.equal(await hasher.verify('Zoe umbrella', hash), false)
  assert.equal(await hasher.verify('Zoë umbrella', undefined), false)
  assert.notEqual(await hasher.hash('Zoë umbrella'), hash)
})

test('beyond what can wait, sign-ins are asked to come again', async () => {
  const hasher = createHasher()

  const outcomes = await Promise.allSettled(Array.from({ length: 110 }, () => hasher.verify(goodPassword, undefined)))

  const refused = outcomes.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 7)
  for (const outcome of refused) assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'too_busy')
  assert.equal(await hasher.verify(goodPassword, undefined), false)
})

test('a forgotten password is answered alike for everybody, and only who has an account gets a mail', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, email)
  const before = (await desk.mails()).length

  const known = await desk.anyone.post('/v1/auth/password/forgot', { email })
  const unknown = await desk.anyone.post('/v1/auth/password/forgot', { email: 'nobody@example.com' })

  assert.equal(known.status, 202)
  assert.equal(known.text, unknown.text)
  assert.deepEqual(
    (await desk.mails()).slice(before).map(({ to }) => to),
    [email],
  )
  await desk.announced(['password_reset.requested', 'password_reset.requested'])
})

test('a reset sets the password and ends every session', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)
  await desk.anyone.post('/v1/auth/password/forgot', { email })
  const token = await tokenMailedTo(desk, email)
  await desk.announcements()

  const reset = await desk.anyone.post('/v1/auth/password/reset', { token, password: another })

  assert.equal(reset.status, 204)
  assert.equal((await ada.get('/v1/me')).status, 401)
  assert.equal((await desk.anyone.post('/v1/auth/refresh', { refresh_token: ada.session.refresh_token })).status, 401)
  await desk.announced(['session.revoked', 'user.password_changed'])
  assert.equal(await loginStatus(desk, email, goodPassword), 401)
  assert.equal(await loginStatus(desk, email, another), 200)
  assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token, password: goodPassword })).status, 422)
})

test('a link that was mailed before the last change of password is dead', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, email)
  await desk.anyone.post('/v1/auth/password/forgot', { email })
  const first = await tokenMailedTo(desk, email)
  await desk.anyone.post('/v1/auth/password/forgot', { email })
  const second = await tokenMailedTo(desk, email)

  assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token: second, password: another })).status, 204)
  const late = await desk.anyone.post('/v1/auth/password/reset', { token: first, password: goodPassword })

  assert.equal(late.body.code, 'invalid_mail_token')
  assert.equal(await loginStatus(desk, email, another), 200)
})

for (const [age, status] of [
  [3_599_999, 204],
  [3_600_000, 422],
] as const)
  test(`a reset link that is ${age} ms old answers ${status}, and a refused password does not spend it`, async (t) => {
    const desk = await openDesk(t)
    await registered(desk, email)
    const asked_at = desk.clock.now()
    await desk.anyone.post('/v1/auth/password/forgot', { email })
    const token = await tokenMailedTo(desk, email)
    const common = await desk.anyone.post('/v1/auth/password/reset', { token, password: 'password123' })
    assert.equal(common.body.errors[0].code, 'too_common')

    desk.clock.advance(asked_at + age - desk.clock.now())

    assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token, password: another })).status, status)
  })

test('a link is good for its own purpose only', async (t) => {
  const desk = await openDesk(t)
  await registered(desk, email)
  await desk.anyone.post('/v1/auth/password/forgot', { email })
  const reset = await tokenMailedTo(desk, email)
  await desk.anyone.post('/v1/auth/register', { email: 'new@example.com', password: goodPassword, name: 'New' })
  const registration = await tokenMailedTo(desk, 'new@example.com')

  assert.equal((await desk.anyone.post('/v1/auth/verify', { token: reset })).status, 422)
  assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token: registration, password: another })).status, 422)
  assert.equal((await desk.anyone.post('/v1/auth/setup', { token: reset, email, password: another })).status, 422)
})

test('who changes his password stays signed in here and is signed out elsewhere', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)
  const elsewhere = await desk.anyone.post('/v1/auth/login', { email, password: goodPassword })
  await desk.announcements()

  const wrong = await ada.post('/v1/me/password', { current_password: another, password: another })
  const changed = await ada.post('/v1/me/password', { current_password: goodPassword, password: another })

  assert.equal(wrong.status, 422)
  assert.equal(wrong.body.code, 'wrong_password')
  assert.equal(wrong.body.errors[0].pointer, '/current_password')
  assert.equal(changed.status, 204)
  assert.equal((await ada.get('/v1/me')).status, 200)
  assert.equal((await desk.bearer(elsewhere.body.access_token).get('/v1/me')).status, 401)
  assert.equal(await loginStatus(desk, email, another), 200)
  await desk.announced(['session.revoked', 'user.password_changed', 'session.created'])
})

test('of two changes of a password at once one wins', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)

  const answers = await Promise.all(
    [another, 'nine orange umbrellas'].map((password) =>
      ada.post('/v1/me/password', { current_password: goodPassword, password }),
    ),
  )

  assert.equal(answers.filter(({ status }) => status === 204).length, 1)
})

test('guessing the current password is throttled', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)
  const guess = () => ada.post('/v1/me/password', { current_password: 'not that password', password: another })

  for (let i = 0; i < 10; i++) assert.equal((await guess()).status, 422)

  assert.equal((await guess()).status, 429)
})
