import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { goodPassword, loginStatus, tokenMailedTo } from '../../../test/accounts.ts'
import { openDesk, type Reply } from '../../../test/desk.ts'
import { logIn } from './commands/log-in.ts'
import { findSignIn } from './queries.ts'

const email = 'grace@example.com'
const grace = { name: 'Grace', email, role: 'agent' }

test('an admin makes a user with a password, who can sign in at once', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const made = await admin.post('/v1/users', { ...grace, password: goodPassword })

  assert.equal(made.status, 201)
  assert.equal(made.headers.location, `/v1/users/${made.body.id}`)
  assert.equal(made.headers.etag, '"v1"')
  assert.equal(made.body.email_verified, true)
  assert.ok(!made.text.includes(goodPassword))
  assert.equal(await loginStatus(desk, email, goodPassword), 200)
  assert.deepEqual(await desk.mails(), [])
  await desk.announced(['user.created', 'session.created'])
})

test('a user without a password is invited, and chooses it by the link', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const made = await admin.post('/v1/users', { name: 'Grace', email })
  const token = await tokenMailedTo(desk, email)
  assert.equal(made.body.role, 'requester')
  await desk.announced(['user.created', 'user.invited'])

  const accepted = await desk.anyone.post('/v1/auth/password/reset', { token, password: goodPassword })
  assert.equal(accepted.status, 204)
  assert.equal(await loginStatus(desk, email, goodPassword), 200)
  assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token, password: goodPassword })).status, 422)
  await desk.announced(['user.password_changed', 'session.created'])
})

test('who moves before he accepted is invited at his new address, and the old link is dead', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body: user } = await admin.post('/v1/users', { name: 'Grace', email })
  const first = await tokenMailedTo(desk, email)

  await admin.patch(`/v1/users/${user.id}`, { email: 'grace@new.example.com' })
  const second = await tokenMailedTo(desk, 'grace@new.example.com')

  assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token: first, password: goodPassword })).status, 422)
  assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token: second, password: goodPassword })).status, 204)
})

test('an address is sent no more invitations by changes of users than by new ones', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const invite = async (i: number): Promise<number> => {
    const { body: user } = await admin.post('/v1/users', { name: 'U', email: `u${i}@example.com` })
    const moved = await admin.patch(`/v1/users/${user.id}`, { email })
    // Moves away again, and makes room for the next.
    await admin.patch(`/v1/users/${user.id}`, { email: `away${i}@example.com` })
    return moved.status
  }
  const invited = []

  for (let i = 0; i < 11; i++) invited.push(await invite(i))

  assert.deepEqual(invited, [...Array.from({ length: 10 }, () => 200), 429])
  const person = await desk.person()
  assert.equal((await admin.patch(`/v1/users/${person.id}`, { email, password: goodPassword })).status, 200)
})

test('a deactivation ends access at once, and coming back does not bring old sessions back', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body: user } = await admin.post('/v1/users', { ...grace, password: goodPassword })
  const session = (await desk.anyone.post('/v1/auth/login', { email, password: goodPassword })).body
  await desk.bearer(session.access_token).get('/v1/me')
  await desk.announcements()

  await admin.patch(`/v1/users/${user.id}`, { active: false })
  assert.equal((await desk.bearer(session.access_token).get('/v1/me')).status, 401)
  assert.equal((await desk.anyone.post('/v1/auth/refresh', { refresh_token: session.refresh_token })).status, 401)
  assert.equal(await loginStatus(desk, email, goodPassword), 401)
  await desk.announced(['user.updated', 'session.revoked'])

  await admin.patch(`/v1/users/${user.id}`, { active: true })
  assert.equal((await desk.bearer(session.access_token).get('/v1/me')).status, 401)
  assert.equal(await loginStatus(desk, email, goodPassword), 200)
})

test('a login beside a deactivation leaves no session that comes back with the account', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body: user } = await admin.post('/v1/users', { ...grace, password: goodPassword })
  const found = await findSignIn(desk.database.reader, email)
  const client = { address: '192.0.2.7', user_agent: null }
  const login = { user_id: user.id, password_hash: found?.password_hash ?? '', days: 30, client }
  const signedIn = Promise.withResolvers<void>()
  const deactivated = Promise.withResolvers<Reply>()

  const committed = desk.app.transact(async (tx) => {
    await logIn(tx, login)
    signedIn.resolve()
    // The deactivation waits for the login; where it did not, it would be through by then.
    await Promise.race([deactivated.promise, setTimeout(300)])
  })
  await signedIn.promise
  admin.patch(`/v1/users/${user.id}`, { active: false }).then(deactivated.resolve, deactivated.reject)
  await committed

  assert.equal((await deactivated.promise).status, 200)
  assert.deepEqual(await desk.query('select id from sessions where user_id = ? and ended_at is null', [user.id]), [])
})

test('a role counts from the next request on', async (t) => {
  const desk = await openDesk(t)
  const [admin, agent] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'agent' })]
  assert.equal((await agent.get('/v1/users')).status, 200)

  await admin.patch(`/v1/users/${agent.id}`, { role: 'requester' })

  assert.equal((await agent.get('/v1/users')).status, 403)
  await desk.announced(['user.updated'])
})

test('a password that an admin sets ends the sessions of its owner', async (t) => {
  const desk = await openDesk(t)
  const [admin, person] = [await desk.person({ role: 'admin' }), await desk.person({ email })]

  const changed = await admin.patch(`/v1/users/${person.id}`, { password: goodPassword })

  assert.equal(changed.status, 200)
  assert.equal((await person.get('/v1/me')).status, 401)
  assert.equal(await loginStatus(desk, email, goodPassword), 200)
  await desk.announced(['session.revoked', 'user.password_changed', 'session.created'])
})

test('the last active admin stays one, even when two end each other’s rights at once', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person({ role: 'admin' }), await desk.person({ role: 'admin' })]

  const answers = await Promise.all([
    ada.patch(`/v1/users/${bob.id}`, { role: 'agent' }),
    bob.patch(`/v1/users/${ada.id}`, { active: false }),
  ])

  // The loser is the last admin, or has lost his rights before his own request was looked at.
  const lost = answers.filter(({ status }) => status !== 200)
  assert.equal(lost.length, 1)
  assert.ok(['last_admin', 'forbidden', 'invalid_token'].includes(lost[0]?.body.code))
  const admins = await desk.query("select id from users where role = 'admin' and active = 1")
  assert.equal(admins.length, 1)
})

test('the only admin neither steps down nor leaves', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  for (const change of [{ role: 'agent' }, { active: false }]) {
    const refused = await admin.patch(`/v1/users/${admin.id}`, change)
    assert.equal(refused.status, 409)
    assert.equal(refused.body.code, 'last_admin')
  }
  await desk.announced([])
})

test('a change is refused when the user was changed meanwhile, has another’s address, or is not there', async (t) => {
  const desk = await openDesk(t)
  const [admin, ada, bob] = [await desk.person({ role: 'admin' }), await desk.person(), await desk.person()]

  assert.equal((await admin.patch(`/v1/users/${ada.id}`, { name: 'A' }, { 'if-match': '"v7"' })).status, 412)
  assert.equal((await admin.patch(`/v1/users/${ada.id}`, { email: bob.email })).body.code, 'email_taken')
  assert.equal((await admin.post('/v1/users', { name: 'B', email: bob.email })).body.code, 'email_taken')
  assert.equal((await admin.patch('/v1/users/usr_01k9zz3c5pe6nrzv8d1a2b3c4d', { password: goodPassword })).status, 404)
  assert.equal((await admin.patch(`/v1/users/${ada.id}`, { password: 'password123' })).body.errors[0].code, 'too_common')
  await desk.announced([])
})

test('only admins give people accounts', async (t) => {
  const desk = await openDesk(t)

  for (const role of ['requester', 'agent'] as const) {
    const person = await desk.person({ role })
    assert.equal((await person.post('/v1/users', grace)).status, 403)
    assert.equal((await person.patch(`/v1/users/${person.id}`, { role: 'admin' })).status, 403)
  }
  await desk.announced([])
})

test('one Idempotency-Key makes one user and one invitation', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const key = { 'idempotency-key': 'grace' }

  const first = await admin.post('/v1/users', grace, key)
  const again = await admin.post('/v1/users', grace, key)

  assert.equal(again.text, first.text)
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.equal((await desk.mails()).length, 1)
  await desk.announced(['user.created', 'user.invited'])
})
