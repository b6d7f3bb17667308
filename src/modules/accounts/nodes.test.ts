import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { decodeJwt, SignJWT } from 'jose'
import { createNodes } from '../../../test/accounts.ts'
import { freshDatabase } from '../../../test/engine.ts'
import { systemActor } from '../../platform/actor.ts'
import type { Page } from '../../platform/http/page.ts'
import { newId } from '../../platform/ids.ts'
import { createUser } from '../directory/index.ts'
import { endSessions } from './commands/end-sessions.ts'
import { type Accounts, rotateSigningKey } from './index.ts'
import { createSigningKeys } from './signing-keys.ts'

/** Two nodes of one installation, and somebody to sign in. */
async function openTwoNodes(t: TestContext) {
  const { open } = await freshDatabase()
  const database = await open()
  t.after(() => database.close())
  let now = Date.UTC(2026, 10, 22, 9)
  const advance = (ms: number): void => {
    now += ms
  }
  const clock = { now: () => now, advance }
  const { nodes, transact, secrets } = createNodes(database, { clock, count: 2 })
  const [a, b] = nodes
  assert.ok(a && b)
  await a.prepare(undefined)
  await b.prepare(undefined)
  const user = await transact((tx) =>
    createUser(tx, systemActor, { role: 'agent', name: 'Ada', email: 'ada@example.com', email_is_proven: true }),
  )
  const signIn = (node: Accounts) => transact((tx) => node.openSession(tx, user.id))
  return { database, clock, a, b, transact, secrets, user, signIn }
}

async function publishedKids(node: Accounts): Promise<string[]> {
  const page = node.pages.find(({ path }: Page) => path === '/.well-known/jwks.json')
  const answer = await page?.handle({ address: '', headers: {}, params: {}, query: {} })
  return JSON.parse(String(answer?.body)).keys.map(({ kid }: { kid: string }) => kid)
}

const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

test('nodes that start one after the other share one signing key', async (t) => {
  const { database, a, b, signIn } = await openTwoNodes(t)

  const { access_token } = await signIn(a)

  assert.equal((await b.authenticate(access_token)).name, 'Ada')
  assert.equal((await database.reader.selectFrom('signing_keys').selectAll().execute()).length, 1)
})

test('after a rotation every node takes the new tokens at once, and the old ones until they expire', async (t) => {
  const { clock, a, b, transact, secrets, signIn } = await openTwoNodes(t)
  const old = await signIn(a)
  await b.authenticate(old.access_token)

  const { kid } = await transact((tx) => rotateSigningKey(tx, secrets))
  clock.advance(30_000)
  const fresh = await signIn(a)

  assert.equal(kidOf(fresh.access_token), kid)
  assert.notEqual(kidOf(old.access_token), kid)
  assert.equal((await b.authenticate(fresh.access_token)).name, 'Ada')
  assert.equal((await b.authenticate(old.access_token)).name, 'Ada')
  assert.equal((await publishedKids(b)).length, 2)
})

test('a key id that a node has never seen is looked up in the database', async (t) => {
  const { a, b, transact, secrets, signIn } = await openTwoNodes(t)
  // Only b has looked at the keys before the rotation.
  await signIn(b)
  await transact((tx) => rotateSigningKey(tx, secrets))

  const fresh = await signIn(a)

  assert.equal((await b.authenticate(fresh.access_token)).name, 'Ada')
})

test('a flood of made-up key ids makes a node look a few times a second at most', async (t) => {
  const { database, a, signIn } = await openTwoNodes(t)
  const { access_token } = await signIn(a)
  const [, payload, signature] = access_token.split('.')
  const looks = t.mock.method(database.reader, 'selectFrom')

  const forge = () => {
    const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: newId('kid') })).toString('base64url')
    return a.authenticate(`${header}.${payload}.${signature}`)
  }

  for (const outcome of await Promise.allSettled(Array.from({ length: 200 }, forge))) assert.equal(outcome.status, 'rejected')
  assert.ok(looks.mock.callCount() <= 5, `${looks.mock.callCount()} looks`)

  const started = performance.now()
  for (let i = 0; i < 3; i++) await assert.rejects(forge(), { code: 'invalid_token' })
  assert.ok(performance.now() - started > 390)
})

test('a node that has not heard of a rotation signs with the old key for half a minute at most', async (t) => {
  const { clock, b, transact, secrets, signIn } = await openTwoNodes(t)
  const before = await signIn(b)
  const { kid } = await transact((tx) => rotateSigningKey(tx, secrets))

  assert.equal(kidOf((await signIn(b)).access_token), kidOf(before.access_token))
  clock.advance(30_000)

  assert.equal(kidOf((await signIn(b)).access_token), kid)
})

test('a retired key goes when the last token that it signed has expired', async (t) => {
  const { clock, a, b, transact, secrets, signIn } = await openTwoNodes(t)
  await signIn(a)
  const { kid } = await transact((tx) => rotateSigningKey(tx, secrets))

  clock.advance(600_000 + 29_999)
  assert.equal((await publishedKids(b)).length, 2)
  clock.advance(1)

  assert.deepEqual(await publishedKids(b), [kid])
})

test('a logout on one node ends access on the other within half a second', async (t) => {
  const { clock, a, b, transact, user, signIn } = await openTwoNodes(t)
  const { access_token } = await signIn(a)
  await a.authenticate(access_token)
  await b.authenticate(access_token)

  await transact((tx) => endSessions(tx, systemActor, { user_id: user.id, reason: 'logged_out', forget: a.forgetActors }))

  await assert.rejects(a.authenticate(access_token), { code: 'invalid_token' })
  assert.equal((await b.authenticate(access_token)).name, 'Ada')
  clock.advance(500)
  await assert.rejects(b.authenticate(access_token), { code: 'invalid_token' })
})

test('a role that is taken away is gone on the other node within half a second', async (t) => {
  const { database, clock, a, b, user, signIn } = await openTwoNodes(t)
  const { access_token } = await signIn(a)
  assert.equal((await b.authenticate(access_token)).role, 'agent')

  await database.write((db) => db.updateTable('users').set({ role: 'requester' }).where('id', '=', user.id).execute())
  clock.advance(500)

  const actor = await b.authenticate(access_token)
  assert.equal(actor.role, 'requester')
  assert.deepEqual(actor.queue_ids, [])
})

test('a clock that is set back keeps nobody signed in who was logged out', async (t) => {
  const { clock, a, b, transact, user, signIn } = await openTwoNodes(t)
  const { access_token } = await signIn(a)
  await b.authenticate(access_token)

  await transact((tx) => endSessions(tx, systemActor, { user_id: user.id, reason: 'logged_out', forget: a.forgetActors }))
  clock.advance(-60_000)

  await assert.rejects(b.authenticate(access_token), { code: 'invalid_token' })
})

test('somebody who is not active opens nothing, even if his session was not ended', async (t) => {
  const { database, a, user, signIn } = await openTwoNodes(t)
  const { access_token } = await signIn(a)

  await database.write((db) => db.updateTable('users').set({ active: 0 }).where('id', '=', user.id).execute())

  await assert.rejects(a.authenticate(access_token), { code: 'invalid_token' })
})

test('what our own key signed for another purpose is no access token', async (t) => {
  const { database, clock, a, secrets, signIn } = await openTwoNodes(t)
  const { access_token } = await signIn(a)
  const keys = createSigningKeys({ db: database.reader, clock, secrets, accessTokenSeconds: 600 })
  const { kid, privateKey } = await keys.current()
  const { sub, sid, exp } = decodeJwt(access_token)
  const right = { typ: 'at+jwt', iss: 'beckon', aud: 'beckon', sub, sid, exp }
  const authenticate = ({ typ, ...payload }: Record<string, unknown>) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: String(typ) })
      .sign(privateKey)
      .then((token) => a.authenticate(token))

  assert.equal((await authenticate(right)).name, 'Ada')
  for (const [claim, value] of Object.entries({ typ: 'JWT', iss: 'other', aud: 'other', exp: 1, sid: undefined, sub: undefined }))
    await assert.rejects(authenticate({ ...right, [claim]: value }), { code: 'invalid_token' }, claim)
})

test('those who send one credential at the same moment share one look at the database', async (t) => {
  const { a, signIn } = await openTwoNodes(t)
  const { access_token } = await signIn(a)

  const actors = await Promise.all(Array.from({ length: 20 }, () => a.authenticate(access_token)))

  assert.equal(new Set(actors).size, 1)
})
