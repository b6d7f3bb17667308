import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodPassword, loginStatus, registered, tokenMailedTo } from '../../../test/accounts.ts'
import { openDesk } from '../../../test/desk.ts'

const email = 'ada@example.com'
const moved = 'ada@new.example.com'

test('a person changes his name, unless it was changed meanwhile', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { headers } = await ada.get('/v1/me')

  const changed = await ada.patch('/v1/me', { name: 'Ada Lovelace' }, { 'if-match': String(headers.etag) })
  const stale = await ada.patch('/v1/me', { name: 'Ada' }, { 'if-match': String(headers.etag) })

  assert.equal(changed.status, 200)
  assert.equal(changed.body.name, 'Ada Lovelace')
  assert.equal(changed.headers.etag, '"p2"')
  assert.equal(stale.status, 412)
  assert.equal((await ada.get('/v1/me', { 'if-none-match': '"p2"' })).status, 304)
  await desk.announced(['user.updated'])
})

test('a person changes nothing else of himself', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()

  for (const body of [
    { role: 'admin' },
    { active: false },
    { organization_id: null },
    { email_verified: true },
    { metadata: {} },
  ])
    assert.equal((await ada.patch('/v1/me', body)).status, 422)

  await desk.announced([])
})

test('a new address takes effect when its mailbox confirms it, and the old mailbox is told', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)
  const before = (await desk.mails()).length

  const asked = await ada.patch('/v1/me', { email: moved })
  assert.equal(asked.status, 200)
  assert.equal(asked.body.email, email)
  assert.deepEqual(
    (await desk.mails())
      .slice(before)
      .map(({ to }) => to)
      .sort(),
    [email, moved],
  )
  await desk.announced(['user.email_change_requested'])

  const confirmed = await desk.anyone.post('/v1/auth/verify', { token: await tokenMailedTo(desk, moved) })
  assert.equal(confirmed.status, 200)
  assert.equal((await ada.get('/v1/me')).body.email, moved)
  assert.equal(await loginStatus(desk, email, goodPassword), 401)
  assert.equal(await loginStatus(desk, moved, goodPassword), 200)
  await desk.announced(['user.updated', 'session.created', 'session.created'])
})

test('a change of address that waits dies with a change of password', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)
  await ada.patch('/v1/me', { email: moved })
  const token = await tokenMailedTo(desk, moved)
  await ada.post('/v1/me/password', { current_password: goodPassword, password: 'eight yellow umbrellas' })

  const late = await desk.anyone.post('/v1/auth/verify', { token })

  assert.equal(late.body.code, 'invalid_mail_token')
  assert.equal((await ada.get('/v1/me')).body.email, email)
})

test('of two changes of address that wait, the first to be confirmed ends the other', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)
  await ada.patch('/v1/me', { email: moved })
  await ada.patch('/v1/me', { email: 'ada@third.example.com' })
  const [first, second] = [await tokenMailedTo(desk, moved), await tokenMailedTo(desk, 'ada@third.example.com')]

  assert.equal((await desk.anyone.post('/v1/auth/verify', { token: first })).status, 200)
  assert.equal((await desk.anyone.post('/v1/auth/verify', { token: second })).body.code, 'invalid_mail_token')
})

test('an address that is somebody’s is answered like a free one, and its owner is told', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]

  const taken = await ada.patch('/v1/me', { email: bob.email })
  const free = await ada.patch('/v1/me', { email: moved })

  assert.equal(taken.text, free.text)
  const mail = (await desk.mails()).find(({ to }) => to === bob.email)
  assert.doesNotMatch(mail?.text ?? '', /token=/)
  await desk.announced(['user.email_change_requested', 'user.email_change_requested'])
})

test('an address that was taken while its link waited stays where it is', async (t) => {
  const desk = await openDesk(t)
  const ada = await registered(desk, email)
  await ada.patch('/v1/me', { email: moved })
  const token = await tokenMailedTo(desk, moved)
  await desk.person({ email: moved })

  const late = await desk.anyone.post('/v1/auth/verify', { token })

  assert.equal(late.status, 409)
  assert.equal(late.body.code, 'email_taken')
  assert.equal((await ada.get('/v1/me')).body.email, email)
})

test('a requester does not see what was imported with him, an agent does', async (t) => {
  const desk = await openDesk(t)
  const [requester, agent] = [await desk.person(), await desk.person({ role: 'agent' })]

  assert.ok(!('metadata' in (await requester.get('/v1/me')).body))
  assert.deepEqual((await agent.get('/v1/me')).body.metadata, {})
})
