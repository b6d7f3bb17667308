import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { InvalidToken } from '../../platform/http/problems.ts'
import { Problem } from '../../platform/problems.ts'

const isRefused = (error: unknown): boolean => error instanceof Problem && error.definition === InvalidToken

test('a token says once who asked for it', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()

  const made = await ada.post('/v1/realtime/tokens')
  const { accounts } = desk.app
  const actor = await accounts.spendRealtimeToken(made.body.token)

  assert.equal(made.status, 201)
  assert.match(made.body.token, /^beckon_rt_[A-Za-z0-9_-]{32}$/)
  assert.equal(made.body.expires_at, new Date(desk.clock.now() + 60_000).toISOString())
  assert.deepEqual(actor, await accounts.authenticate(ada.token))
  await assert.rejects(accounts.spendRealtimeToken(made.body.token), isRefused)
  await desk.announced([])
})

test('of two nodes that are shown the same token one takes it', async (t) => {
  const desk = await openDesk(t)
  const other = await desk.node(desk.clock)
  const ada = await desk.person()

  for (let round = 0; round < 5; round++) {
    const { token } = (await ada.post('/v1/realtime/tokens')).body
    const nodes = [desk.app, other.app, desk.app, other.app]
    const outcomes = await Promise.allSettled(nodes.map(({ accounts }) => accounts.spendRealtimeToken(token)))

    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  }
})

test('a token ends with its minute, and with the session or the key that asked for it', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const ada = await desk.person()
  const key = (await admin.post('/v1/api-keys', { name: 'K', scopes: ['events:read'] })).body
  const { accounts } = desk.app
  const tokenOf = async (bearer: string): Promise<string> => (await desk.bearer(bearer).post('/v1/realtime/tokens')).body.token

  const late = await tokenOf(ada.token)
  desk.clock.advance(60_000)
  await assert.rejects(accounts.spendRealtimeToken(late), isRefused)

  const asKey = await accounts.spendRealtimeToken(await tokenOf(key.secret))
  assert.deepEqual([asKey.id, asKey.scopes], [key.id, ['events:read']])
  const [hers, its] = [await tokenOf(ada.token), await tokenOf(key.secret)]
  await ada.post('/v1/auth/logout')
  await admin.delete(`/v1/api-keys/${key.id}`)
  for (const token of [hers, its]) await assert.rejects(accounts.spendRealtimeToken(token), isRefused)
})

test('a text that is no token of ours opens nothing', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.person()
  const { token } = (await ada.post('/v1/realtime/tokens')).body
  const [row] = await desk.query('select id from realtime_tokens')

  for (const text of ['', token.slice(0, -1), `${token} `, token.toUpperCase(), row.id, ada.token])
    await assert.rejects(desk.app.accounts.spendRealtimeToken(text), isRefused)
  assert.ok(!JSON.stringify(await desk.query('select * from realtime_tokens')).includes(token))
})

test('nobody keeps more than a hundred tokens; those that expired go', async (t) => {
  const desk = await openDesk(t)
  const [ada, bob] = [await desk.person(), await desk.person()]
  for (let count = 0; count < 100; count++) assert.equal((await ada.post('/v1/realtime/tokens')).status, 201)

  const refused = await ada.post('/v1/realtime/tokens')

  assert.deepEqual([refused.status, refused.body.code], [429, 'rate_limited'])
  assert.equal((await bob.post('/v1/realtime/tokens')).status, 201)
  desk.clock.advance(60_001)
  assert.equal((await ada.post('/v1/realtime/tokens')).status, 201)
  assert.equal(await desk.app.accounts.prune(), 101)
  assert.equal((await desk.query('select id from realtime_tokens')).length, 1)
})

test('a key needs the scope of the log to make one', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const { secret } = (await admin.post('/v1/api-keys', { name: 'K', scopes: ['tickets:read'] })).body

  assert.equal((await desk.bearer(secret).post('/v1/realtime/tokens')).status, 403)
})
