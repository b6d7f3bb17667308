import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'

test('an API key is shown once, and opens what its role may', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })

  const made = await admin.post('/v1/api-keys', { name: 'Importer' })
  const users = await desk.bearer(made.body.secret).get('/v1/users')
  const shown = await admin.get(`/v1/api-keys/${made.body.id}`)

  assert.equal(made.status, 201)
  assert.equal(made.headers.location, `/v1/api-keys/${made.body.id}`)
  assert.match(made.body.secret, /^beckon_sk_[0-9a-z]{40}$/)
  assert.equal(made.body.role, 'agent')
  assert.deepEqual(made.body.scopes, ['*'])
  assert.equal(made.body.hint, made.body.secret.slice(-4))
  assert.equal(users.status, 200)
  assert.ok(!('secret' in shown.body))
  assert.ok(!(await admin.get('/v1/api-keys')).text.includes(made.body.secret))
  assert.ok(!JSON.stringify(await desk.query('select * from api_keys')).includes(made.body.secret))
  const [announced, ...others] = await desk.announcements()
  assert.equal(announced?.type, 'api_key.created')
  assert.deepEqual(announced?.data, { role: 'agent', scopes: ['*'] })
  assert.deepEqual(others, [])
})

test('a key is limited to its scopes and its role', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const keyWith = async (body: object) => desk.bearer((await admin.post('/v1/api-keys', { name: 'K', ...body })).body.secret)
  const readsTeams = await keyWith({ scopes: ['teams:read'], role: 'admin' })
  const agent = await keyWith({ scopes: ['users:read', 'users:write'] })
  const newUser = { name: 'N', email: 'n@example.com' }

  assert.equal((await readsTeams.get('/v1/users')).status, 403)
  assert.equal((await agent.get('/v1/users')).status, 200)
  assert.equal((await agent.post('/v1/users', newUser)).status, 403)
  const writes = await keyWith({ scopes: ['users:write'], role: 'admin' })
  assert.equal((await writes.post('/v1/users', newUser)).status, 201)
})

test('a key is nobody: it has no account, no sessions, and makes no keys', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const key = desk.bearer((await admin.post('/v1/api-keys', { name: 'K', role: 'admin' })).body.secret)
  await desk.announcements()

  for (const path of ['/v1/me', '/v1/me/sessions', '/v1/api-keys']) assert.equal((await key.get(path)).status, 403)
  assert.equal((await key.post('/v1/auth/logout')).status, 403)
  assert.equal((await key.post('/v1/api-keys', { name: 'Another' })).status, 403)
  await desk.announced([])
})

test('a key works in the queues without teams', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body } = await admin.post('/v1/api-keys', { name: 'K' })

  const actor = await desk.app.accounts.authenticate(body.secret)

  const open = await desk.query('select id from queues')
  assert.deepEqual(
    actor.queue_ids,
    open.map(({ id }) => id),
  )
})

test('a revoked key opens nothing from the next request on', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body } = await admin.post('/v1/api-keys', { name: 'K' })
  const key = desk.bearer(body.secret)
  assert.equal((await key.get('/v1/users')).status, 200)
  await desk.announcements()

  assert.equal((await admin.delete(`/v1/api-keys/${body.id}`, { 'if-match': '"v9"' })).status, 412)
  assert.equal((await admin.delete(`/v1/api-keys/${body.id}`, { 'if-match': '"v1"' })).status, 204)

  assert.equal((await key.get('/v1/users')).body.code, 'invalid_token')
  assert.equal((await admin.delete(`/v1/api-keys/${body.id}`)).status, 404)
  assert.deepEqual((await admin.get('/v1/api-keys')).body.data, [])
  await desk.announced(['api_key.revoked'])
})

test('a key ends when it was told to', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const expires_at = new Date(desk.clock.now() + 60_000).toISOString()
  const { body } = await admin.post('/v1/api-keys', { name: 'K', expires_at })
  desk.clock.advance(59_999)
  assert.equal((await desk.bearer(body.secret).get('/v1/users')).status, 200)

  desk.clock.advance(500)

  assert.equal(body.expires_at, expires_at)
  assert.equal((await desk.bearer(body.secret).get('/v1/users')).status, 401)
})

test('a key that could not be meant so is refused', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const wrong = {
    '/scopes/0': { scopes: ['tickets:eat'] },
    '/scopes': { scopes: [] },
    '/role': { role: 'requester' },
    '/expires_at': { expires_at: new Date(desk.clock.now()).toISOString() },
  }

  for (const [pointer, body] of Object.entries(wrong)) {
    const refused = await admin.post('/v1/api-keys', { name: 'K', ...body })
    assert.equal(refused.status, 422)
    assert.equal(refused.body.errors[0].pointer, pointer)
  }
  await desk.announced([])
})

test('only admins look after keys', async (t) => {
  const desk = await openDesk(t)
  const agent = await desk.person({ role: 'agent' })

  assert.equal((await agent.get('/v1/api-keys')).status, 403)
  assert.equal((await agent.post('/v1/api-keys', { name: 'K' })).status, 403)
  assert.equal((await agent.delete('/v1/api-keys/key_01k9zz3c5pe6nrzv8d1a2b3c4d')).status, 403)
})

test('a key’s last use is kept, once a minute at most', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { body } = await admin.post('/v1/api-keys', { name: 'K' })
  const used = () => desk.bearer(body.secret).get('/v1/users')
  const lastUse = async () => (await admin.get(`/v1/api-keys/${body.id}`)).body.last_used_at
  // Nobody waits for that write, so the test asks until it is there.
  const lastUseAfter = async (before: string | null) => {
    for (let i = 0; i < 100 && (await lastUse()) === before; i++) await desk.app.transact(async () => {})
    return lastUse()
  }

  await used()
  const first = await lastUseAfter(null)
  desk.clock.advance(59_999)
  await used()
  const second = await lastUse()
  desk.clock.advance(501)
  await used()
  const third = await lastUseAfter(second)

  assert.equal(first, new Date(desk.clock.now() - 60_500).toISOString())
  assert.equal(second, first)
  assert.equal(third, new Date(desk.clock.now()).toISOString())
})
