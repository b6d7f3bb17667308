import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { goodPassword, loginStatus, registered, tokenMailedTo } from '../../../test/accounts.ts'
import { type Desk, openDesk } from '../../../test/desk.ts'
import { systemActor } from '../../platform/actor.ts'
import { createUser } from '../directory/index.ts'
import { register } from './commands/register.ts'

const victim = 'victim@example.com'
const strangers = 'the stranger chose this'
const HOUR_MS = 3_600_000

/** A stranger registers the victim's address; answers the token that the victim is mailed. */
async function strangerRegisters(desk: Desk): Promise<string> {
  await desk.anyone.post('/v1/auth/register', { email: victim, password: strangers, name: 'Stranger' })
  const token = await tokenMailedTo(desk, victim)
  await desk.announcements()
  return token
}

/** Somebody raised a ticket for the victim, who has no account. */
async function becomeKnown(desk: Desk): Promise<void> {
  await desk.app.transact((tx) =>
    createUser(tx, systemActor, { role: 'requester', name: 'Victim', email: victim, email_is_proven: false }),
  )
  await desk.announcements()
}

test('the owner of a fresh address who gives a password of his own has that one, not the stranger’s', async (t) => {
  const desk = await openDesk(t)
  const token = await strangerRegisters(desk)

  const verified = await desk.anyone.post('/v1/auth/verify', { token, password: goodPassword })

  assert.equal(verified.status, 200)
  assert.equal(await loginStatus(desk, victim, strangers), 401)
  assert.equal(await loginStatus(desk, victim, goodPassword), 200)
  await desk.announced(['user.created', 'session.created', 'session.created'])
})

for (const order of ['before', 'after'] as const)
  test(`a stranger gains nothing by the address of a customer who is known ${order} he registers`, async (t) => {
    const desk = await openDesk(t)
    if (order === 'before') await becomeKnown(desk)
    const token = await strangerRegisters(desk)
    if (order === 'after') await becomeKnown(desk)

    const clicked = await desk.anyone.post('/v1/auth/verify', { token })
    assert.equal(clicked.status, 422)
    assert.equal(clicked.body.code, 'password_required')
    assert.equal(clicked.body.errors[0].pointer, '/password')
    assert.equal(await loginStatus(desk, victim, strangers), 401)
    await desk.announced([])

    const chosen = await desk.anyone.post('/v1/auth/verify', { token, password: goodPassword })
    assert.equal(chosen.status, 200)
    assert.equal(chosen.body.user.name, 'Victim')
    assert.equal(chosen.body.user.email_verified, true)
    assert.equal(await loginStatus(desk, victim, strangers), 401)
    assert.equal(await loginStatus(desk, victim, goodPassword), 200)
    await desk.announced(['user.updated', 'user.password_changed', 'session.created', 'session.created'])
  })

test('a registration for an account changes nothing until its owner gives a password, and then it is a reset', async (t) => {
  const desk = await openDesk(t)
  const owner = await registered(desk, victim)
  const token = await strangerRegisters(desk)

  assert.equal((await desk.anyone.post('/v1/auth/verify', { token })).body.code, 'password_required')
  assert.equal((await owner.get('/v1/me')).status, 200)
  assert.equal(await loginStatus(desk, victim, goodPassword), 200)
  await desk.announced(['session.created'])

  const chosen = await desk.anyone.post('/v1/auth/verify', { token, password: 'the owner chose this' })
  assert.equal(chosen.status, 200)
  assert.equal((await owner.get('/v1/me')).status, 401)
  assert.equal(await loginStatus(desk, victim, goodPassword), 401)
  assert.equal(await loginStatus(desk, victim, strangers), 401)
  await desk.announced(['session.revoked', 'session.revoked', 'user.password_changed', 'session.created'])
})

test('of two registrations for a fresh address only the first that is confirmed counts by itself', async (t) => {
  const desk = await openDesk(t)
  const first = await strangerRegisters(desk)
  desk.clock.advance(HOUR_MS)
  await desk.anyone.post('/v1/auth/register', { email: victim, password: goodPassword, name: 'Victim' })
  const second = await tokenMailedTo(desk, victim)

  assert.equal((await desk.anyone.post('/v1/auth/verify', { token: second })).status, 200)
  const later = await desk.anyone.post('/v1/auth/verify', { token: first })

  assert.equal(later.body.code, 'password_required')
  assert.equal(await loginStatus(desk, victim, strangers), 401)
  assert.equal(await loginStatus(desk, victim, goodPassword), 200)
})

test('two registrations for a fresh address that are confirmed at once make one account', async (t) => {
  const desk = await openDesk(t)
  const first = await strangerRegisters(desk)
  desk.clock.advance(HOUR_MS)
  await desk.anyone.post('/v1/auth/register', { email: victim, password: goodPassword, name: 'Victim' })
  const second = await tokenMailedTo(desk, victim)
  await desk.announcements()

  const answers = await Promise.all([first, second].map((token) => desk.anyone.post('/v1/auth/verify', { token })))

  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422])
  await desk.announced(['user.created', 'session.created'])
})

test('who registers an address again within the hour is answered alike, and the link that waits makes the account', async (t) => {
  const desk = await openDesk(t)
  const first = await desk.anyone.post('/v1/auth/register', { email: victim, password: goodPassword, name: 'First' })
  const token = await tokenMailedTo(desk, victim)

  desk.clock.advance(HOUR_MS - 2)
  const again = await desk.anyone.post('/v1/auth/register', { email: victim.toUpperCase(), password: strangers, name: 'Second' })
  assert.deepEqual([again.status, again.text], [first.status, first.text])
  assert.equal((await desk.mails()).length, 1)
  await desk.announced(['registration.requested'])

  const verified = await desk.anyone.post('/v1/auth/verify', { token })
  assert.equal(verified.body.user.name, 'First')
  assert.equal(await loginStatus(desk, victim, goodPassword), 200)
  assert.equal(await loginStatus(desk, victim, strangers), 401)
})

test('who goes on registering an address does not keep its owner from being mailed an hour later', async (t) => {
  const desk = await openDesk(t)

  for (let i = 0; i < 5; i++) {
    await desk.anyone.post('/v1/auth/register', { email: victim, password: strangers, name: 'Stranger' })
    await desk.settle()
    desk.clock.advance(HOUR_MS / 2)
  }

  assert.equal((await desk.mails()).length, 3)
})

test('who registers an address all day long has it mailed five times a day at most', async (t) => {
  const desk = await openDesk(t)
  // From many places: what one place asks for is counted before.
  const registered = async (): Promise<number> => {
    await desk.app.transact((tx) => register(tx, { email: victim, password_hash: 'nobody logs in', name: 'Stranger' }))
    const { length } = await desk.mails()
    desk.clock.advance(HOUR_MS)
    return length
  }

  const mailed: number[] = []
  for (let hour = 0; hour < 7; hour++) mailed.push(await registered())
  desk.clock.advance(17 * HOUR_MS)
  mailed.push(await registered(), await registered())

  assert.deepEqual(mailed, [1, 2, 3, 4, 5, 5, 5, 6, 7])
})

test('an address that is registered twice at the same moment is mailed once', async (t) => {
  const desk = await openDesk(t)
  const registration = { email: victim, password_hash: 'nobody logs in', name: 'Stranger' }
  const kept = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const

  // Neither sees the other’s, where the database lets both write; where it does not, the first goes on after a while.
  const first = desk.app.transact(async (tx) => {
    await register(tx, registration)
    kept[0].resolve()
    await Promise.race([kept[1].promise, setTimeout(300)])
  })
  await kept[0].promise
  const second = desk.app.transact(async (tx) => {
    await register(tx, registration)
    kept[1].resolve()
    await first
  })
  await second

  assert.equal((await desk.mails()).length, 1)
})

test('a customer whose address nobody proved gets one link to a password an hour, and it works', async (t) => {
  const desk = await openDesk(t)
  await becomeKnown(desk)
  const forget = () => desk.anyone.post('/v1/auth/password/forgot', { email: victim })

  const [first, again] = [await forget(), await forget()]
  assert.deepEqual([again.status, again.text], [first.status, first.text])
  assert.equal((await desk.mails()).length, 1)
  desk.clock.advance(HOUR_MS)
  await forget()
  assert.equal((await desk.mails()).length, 2)

  const token = await tokenMailedTo(desk, victim)
  assert.equal((await desk.anyone.post('/v1/auth/password/reset', { token, password: goodPassword })).status, 204)
  await forget()
  await forget()
  assert.equal((await desk.mails()).length, 4)
})

test('a deactivated account does not come back by a registration', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const person = await desk.person({ email: victim })
  await admin.patch(`/v1/users/${person.id}`, { active: false })
  await desk.anyone.post('/v1/auth/register', { email: victim, password: goodPassword, name: 'Victim' })
  const mail = (await desk.mails()).at(-1)

  assert.doesNotMatch(mail?.text ?? '', /token=/)
  assert.equal(await loginStatus(desk, victim, goodPassword), 401)
})

test('a link that was mailed before a deactivation does not bring the account back', async (t) => {
  const desk = await openDesk(t)
  const token = await strangerRegisters(desk)
  const admin = await desk.person({ role: 'admin' })
  const person = await desk.person({ email: victim })
  await admin.patch(`/v1/users/${person.id}`, { active: false })
  await desk.announcements()

  const refused = await desk.anyone.post('/v1/auth/verify', { token, password: goodPassword })

  assert.equal(refused.status, 403)
  assert.equal(refused.body.code, 'account_inactive')
  await desk.announced([])
})
