import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

const refresh = '/v1/auth/refresh'

test('a refresh answers the next token and a fresh access token for the same session', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  desk.clock.advance(600_000)

  const next = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })

  assert.equal(next.status, 200)
  assert.equal(next.body.id, person.session_id)
  assert.notEqual(next.body.refresh_token, person.refresh_token)
  assert.equal((await person.get('/v1/me')).status, 401)
  assert.equal((await desk.bearer(next.body.access_token).get('/v1/me')).status, 200)
  await desk.announced([])
})

test('an answer that got lost is given again for ten seconds', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const first = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })
  desk.clock.advance(10_000)

  const again = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })

  assert.equal(again.status, 200)
  assert.equal(again.body.refresh_token, first.body.refresh_token)
  assert.equal((await desk.anyone.post(refresh, { refresh_token: first.body.refresh_token })).status, 200)
  await desk.announced([])
})

test('two refreshes at the same moment get the same successor', async (t) => {
  const desk = await openDesk(t)
  const { refresh_token } = await desk.person()

  const answers = await Promise.all([1, 2, 3, 4].map(() => desk.anyone.post(refresh, { refresh_token })))

  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1)
})

test('a token that is used again after the grace ends its session for whoever holds it', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const next = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })
  desk.clock.advance(10_001)

  const reused = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })

  assert.equal(reused.status, 401)
  assert.equal(reused.body.code, 'invalid_refresh_token')
  assert.equal(reused.headers['www-authenticate'], 'Bearer error="invalid_token"')
  assert.equal((await desk.anyone.post(refresh, { refresh_token: next.body.refresh_token })).status, 401)
  assert.equal((await desk.bearer(next.body.access_token).get('/v1/me')).status, 401)
  const announced = await desk.announcements()
  assert.deepEqual(
    announced.map(({ type, subject_id, data }) => ({ type, subject_id, reason: data.reason })),
    [{ type: 'session.revoked', subject_id: person.session_id, reason: 'refresh_token_reused' }],
  )
})

test('a token whose successor was used ends its session even within the grace', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const second = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })
  const third = await desk.anyone.post(refresh, { refresh_token: second.body.refresh_token })

  const reused = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })

  assert.equal(reused.status, 401)
  assert.equal((await desk.anyone.post(refresh, { refresh_token: third.body.refresh_token })).status, 401)
  await desk.announced(['session.revoked'])
})

test('a refresh token that was made up ends nothing', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const [head, generation, seal = ''] = person.refresh_token.split('.')
  const madeUp = ['x', `${head}.2.${seal}`, `${head}.0.${seal}`, `${head}.${generation}.${'a'.repeat(26)}`, person.token]

  for (const refresh_token of madeUp) assert.equal((await desk.anyone.post(refresh, { refresh_token })).status, 401)

  assert.equal((await desk.anyone.post(refresh, { refresh_token: person.refresh_token })).status, 200)
  await desk.announced([])
})

test('a session lasts thirty days from its last refresh', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const days = 86_400_000
  desk.clock.advance(30 * days - 1)
  const next = await desk.anyone.post(refresh, { refresh_token: person.refresh_token })
  assert.equal(next.status, 200)

  desk.clock.advance(30 * days)

  assert.equal((await desk.anyone.post(refresh, { refresh_token: next.body.refresh_token })).status, 401)
  await desk.announced([])
})

test('a logout ends the access token and the refresh token at once, and no other session', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const { access_token } = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, person.id))
  await desk.announcements()

  assert.equal((await person.post('/v1/auth/logout')).status, 204)

  assert.equal((await person.get('/v1/me')).body.code, 'invalid_token')
  assert.equal((await desk.anyone.post(refresh, { refresh_token: person.refresh_token })).status, 401)
  assert.equal((await desk.bearer(access_token).get('/v1/me')).status, 200)
  await desk.announced(['session.revoked'])
})

test('a person sees his devices and signs one of them out', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  await desk.person()
  desk.clock.advance(1)
  const other = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, person.id))
  await desk.announcements()

  const { body } = await person.get('/v1/me/sessions')
  const ended = await person.delete(`/v1/me/sessions/${other.id}`)

  assert.deepEqual(
    body.data.map(({ id, current }: { id: string; current: boolean }) => ({ id, current })),
    [
      { id: person.session_id, current: true },
      { id: other.id, current: false },
    ],
  )
  assert.equal(ended.status, 204)
  assert.equal((await desk.bearer(other.access_token).get('/v1/me')).status, 401)
  assert.equal((await person.delete(`/v1/me/sessions/${other.id}`)).status, 404)
  assert.equal((await person.get('/v1/me/sessions')).body.data.length, 1)
  await desk.announced(['session.revoked'])
})

test('a device that was refreshed meanwhile is signed out only by who knows', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  const other = await desk.app.transact((tx) => desk.app.accounts.openSession(tx, person.id))
  await desk.anyone.post(refresh, { refresh_token: other.refresh_token })
  const end = (version: number) => person.delete(`/v1/me/sessions/${other.id}`, { 'if-match': `"v${version}"` })
  await desk.announcements()

  const stale = await end(1)
  assert.equal(stale.status, 412)
  assert.equal(stale.body.current_version, 2)
  await desk.announced([])

  assert.equal((await end(2)).status, 204)
  await desk.announced(['session.revoked'])
})

test('somebody else’s session is as if there were none', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]

  const foreign = await ada.delete(`/v1/me/sessions/${bob.session_id}`)
  const missing = await ada.delete('/v1/me/sessions/ses_01k9zz3c5pe6nrzv8d1a2b3c4d')

  assert.equal(foreign.status, 404)
  assert.equal(foreign.text.replace(foreign.body.request_id, ''), missing.text.replace(missing.body.request_id, ''))
  assert.equal((await bob.get('/v1/me')).status, 200)
  await desk.announced([])
})

test('the list of devices is paged', async (t) => {
  const desk = await openDesk(t)
  const person = await desk.person()
  for (let i = 0; i < 2; i++) {
    desk.clock.advance(1)
    await desk.app.transact((tx) => desk.app.accounts.openSession(tx, person.id))
  }

  const first = await person.get('/v1/me/sessions?limit=2')
  const second = await person.get(`/v1/me/sessions?limit=2&cursor=${first.body.next_cursor}`)

  assert.equal(first.body.has_more, true)
  assert.equal(second.body.has_more, false)
  const ids = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id)
  assert.equal(new Set(ids).size, 3)
})
