import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodPassword, loginStatus, registered } from '../../../test/accounts.ts'
import { openDesk } from '../../../test/desk.ts'

const email = 'root@example.com'
const tokenOf = (link: string | null): string => new URL(link ?? '').searchParams.get('token') ?? ''

test('the set-up link makes the first admin, once', async (t) => {
  const desk = await openDesk(t)
  const link = await desk.app.accounts.setupLink()
  const token = tokenOf(link)

  const page = await desk.anyone.get(`/setup?token=${token}`)
  const made = await desk.anyone.post('/v1/auth/setup', { token, email, password: goodPassword })

  assert.match(link ?? '', /^http:\/\/127\.0\.0\.1:3000\/setup\?token=/)
  assert.match(page.text, /\/v1\/auth\/setup/)
  assert.equal(made.status, 200)
  assert.equal(made.body.user.role, 'admin')
  assert.equal(made.body.user.name, 'root')
  assert.equal((await desk.bearer(made.body.access_token).get('/v1/api-keys')).status, 200)
  assert.equal(await desk.app.accounts.setupLink(), null)
  const again = await desk.anyone.post('/v1/auth/setup', { token, email: 'b@example.com', password: goodPassword })
  assert.equal(again.body.code, 'invalid_mail_token')
  await desk.announced(['user.created', 'session.created'])
})

test('the link is the same at every start until there is an admin', async (t) => {
  const desk = await openDesk(t)

  const first = await desk.app.accounts.setupLink()
  desk.clock.advance(86_400_000)

  assert.equal(await desk.app.accounts.setupLink(), first)
})

test('the set-up link makes somebody who registered before an admin, with the password that is given with it', async (t) => {
  const desk = await openDesk(t)
  const person = await registered(desk, email)
  const token = tokenOf(await desk.app.accounts.setupLink())

  const made = await desk.anyone.post('/v1/auth/setup', { token, email, password: 'another good password' })

  assert.equal(made.body.user.role, 'admin')
  assert.equal(made.body.user.id, person.session.user.id)
  assert.equal((await person.get('/v1/me')).status, 401)
  assert.equal(await loginStatus(desk, email, goodPassword), 401)
  await desk.announced(['user.updated', 'session.revoked', 'user.password_changed', 'session.created'])
})

test('two who hold the link make one admin', async (t) => {
  const desk = await openDesk(t)
  const token = tokenOf(await desk.app.accounts.setupLink())

  const answers = await Promise.all(
    ['a@example.com', 'b@example.com'].map((address) =>
      desk.anyone.post('/v1/auth/setup', { token, email: address, password: goodPassword }),
    ),
  )

  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422])
  await desk.announced(['user.created', 'session.created'])
})

test('a link that was not used yet makes nobody an admin once there is one', async (t) => {
  const desk = await openDesk(t)
  const token = tokenOf(await desk.app.accounts.setupLink())
  await desk.person({ role: 'admin' })

  const late = await desk.anyone.post('/v1/auth/setup', { token, email, password: goodPassword })

  assert.equal(late.status, 409)
  assert.equal(late.body.code, 'already_set_up')
  await desk.announced([])
})

test('the admin whom the settings name is there at every start, with the password that he may have changed', async (t) => {
  const desk = await openDesk(t)
  const { accounts } = desk.app

  await accounts.prepare({ email, password: goodPassword })
  assert.equal(await loginStatus(desk, email, goodPassword), 200)
  await desk.announced(['user.created', 'session.created'])

  await accounts.prepare({ email, password: 'another good password' })
  assert.equal(await loginStatus(desk, email, 'another good password'), 401)
  assert.equal(await loginStatus(desk, email, goodPassword), 200)
  assert.equal(await accounts.setupLink(), null)
  await desk.announced(['session.created'])
})

test('somebody who registered before becomes the admin whom the settings name, and keeps his password', async (t) => {
  const desk = await openDesk(t)
  const person = await registered(desk, email)

  await desk.app.accounts.prepare({ email, password: 'another good password' })

  assert.equal(await loginStatus(desk, email, goodPassword), 200)
  desk.clock.advance(500)
  assert.equal((await person.get('/v1/api-keys')).status, 200)
  await desk.announced(['user.updated', 'session.created'])
})

test('an admin whom the settings name with a common password is refused', async (t) => {
  const desk = await openDesk(t)

  await assert.rejects(desk.app.accounts.prepare({ email, password: 'password123' }), { code: 'validation_failed' })

  await desk.announced([])
})
