import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import { type Desk, openDesk } from '../../../test/desk.ts'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const partsOf = (token: string) => {
  const [header = '', payload = ''] = token.split('.')
  const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString())
  return { header: read(header), payload: read(payload) }
}
const signedBy = (key: KeyObject, header: object, payload: object): string => {
  const text = `${encode(header)}.${encode(payload)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

async function assertRefused(desk: Desk, tokens: Record<string, string>): Promise<void> {
  for (const [what, token] of Object.entries(tokens)) {
    const { status, headers, body } = await desk.bearer(token).get('/v1/me')
    assert.equal(status, 401, what)
    assert.equal(body.code, 'invalid_token', what)
    assert.equal(headers['www-authenticate'], 'Bearer error="invalid_token"', what)
  }
}

test('a token that was forged opens nothing', async (t) => {
  const desk = await openDesk(t)
  const { token } = await desk.person()
  const { header, payload } = partsOf(token)
  const [first, second, third] = token.split('.')
  const foreign = generateKeyPairSync('ed25519').privateKey
  const jwks = (await desk.anyone.get('/.well-known/jwks.json')).text
  const publicKey = JSON.parse(jwks).keys[0]
  const hmac = (key: string | Buffer): string => {
    const text = `${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  }
  const admin = { ...payload, sub: 'usr_00000000000000000000000000', sid: 'ses_00000000000000000000000000' }

  await assertRefused(desk, {
    'no token': 'x',
    'two parts': `${first}.${second}`,
    'an encrypted token': `${token}.a.b`,
    'another payload': `${first}.${encode(admin)}.${third}`,
    'another header': `${encode({ ...header, typ: 'JWT' })}.${second}.${third}`,
    'no signature': `${first}.${second}.`,
    'alg none': `${encode({ ...header, alg: 'none' })}.${second}.`,
    'alg None with a signature': `${encode({ ...header, alg: 'None' })}.${second}.${third}`,
    'HS256 by the public key': hmac(Buffer.from(publicKey.x, 'base64url')),
    'HS256 by the JWK': hmac(JSON.stringify(publicKey)),
    'a foreign key': signedBy(foreign, header, payload),
    'a foreign key that the header carries': signedBy(foreign, { ...header, jwk: foreign.export({ format: 'jwk' }) }, payload),
    'an unknown kid': signedBy(foreign, { ...header, kid: 'kid_01k9zz3c5pe6nrzv8d1a2b3c4d' }, payload),
    'a kid that is no kid': signedBy(foreign, { ...header, kid: "' or 1=1 --" }, payload),
    'no kid': signedBy(foreign, { alg: 'EdDSA', typ: 'at+jwt' }, payload),
    'a refresh token': `beckon_rt_${payload.sid}.1.${'a'.repeat(26)}`,
    'a made-up API key': `beckon_sk_${'a'.repeat(40)}`,
  })
  assert.equal((await desk.bearer(token).get('/v1/me')).status, 200)
})

test('a token expires, however often it was seen before', async (t) => {
  const desk = await openDesk(t)
  const { token } = await desk.person()
  desk.clock.advance(599_999)
  assert.equal((await desk.bearer(token).get('/v1/me')).status, 200)

  desk.clock.advance(1)

  await assertRefused(desk, { expired: token })
})

test('without a credential the answer says which one to send', async (t) => {
  const desk = await openDesk(t)

  const { status, headers, body } = await desk.anyone.get('/v1/me')

  assert.equal(status, 401)
  assert.equal(body.code, 'unauthenticated')
  assert.equal(headers['www-authenticate'], 'Bearer')
})

test('anybody can check a token by the published keys, which hold nothing private', async (t) => {
  const desk = await openDesk(t)
  const { token } = await desk.person()

  const published = await desk.anyone.get('/.well-known/jwks.json')

  assert.match(String(published.headers['content-type']), /^application\/jwk-set\+json/)
  const { keys } = JSON.parse(published.text)
  assert.deepEqual(
    keys.map((key: object) => Object.keys(key).sort()),
    [['alg', 'crv', 'kid', 'kty', 'use', 'x']],
  )
  assert.equal(keys[0].kid, partsOf(token).header.kid)
})
