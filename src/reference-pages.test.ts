import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { describeApi } from './api-description.ts'
import { errorPagePolicy } from './error-pages.ts'
import { clientFrames, closeCodes, serverFrames, topicKinds } from './modules/realtime/index.ts'
import { ok } from './platform/http/answer.ts'
import type { PageRequest } from './platform/http/page.ts'
import { route } from './platform/http/route.ts'
import { strict } from './platform/http/schemas.ts'
import { InvalidParameter } from './platform/problems.ts'
import { describeRealtime } from './realtime-description.ts'
import { referencePages } from './reference-pages.ts'

const ping = route({
  method: 'GET',
  path: '/v1/ping',
  operationId: 'ping',
  summary: 'Ping <b>',
  description: 'Answers.',
  tag: 'Process',
  access: 'open',
  answers: { 200: strict({}) },
  handle: async () => ok({}),
})
const examples = { operations: {}, problems: {} }
const pages = referencePages({
  api: () => describeApi({ routes: [ping], publicUrl: 'https://desk.test', examples }),
  realtime: () => describeRealtime({ publicUrl: 'https://desk.test', examples }),
})

async function ask(path: string, { params = {}, headers = {} }: Partial<Pick<PageRequest, 'params' | 'headers'>> = {}) {
  const page = pages.find((candidate) => candidate.path === path)
  assert.ok(page, path)
  const { body, headers: told = {}, ...answer } = await page.handle({ address: '127.0.0.1', query: {}, params, headers })
  return { ...answer, headers: told, body: Buffer.from(body) }
}

test('the description names the server that gives it', async () => {
  const { status, type, body } = await ask('/openapi.json')

  assert.equal(status, 200)
  assert.match(type, /^application\/json/)
  assert.deepEqual(JSON.parse(body.toString()).servers, [{ url: 'https://desk.test' }])
})

test('the description of the streams names the server that gives it', async () => {
  const { status, type, body, headers } = await ask('/asyncapi.json', { headers: { 'accept-encoding': 'gzip' } })

  assert.equal(status, 200)
  assert.match(type, /^application\/json/)
  assert.match(String(headers.ETag), /^"[\w-]{22}-gzip"$/)
  const { servers } = JSON.parse(gunzipSync(body).toString())
  assert.deepEqual(
    Object.values(servers as Record<string, { protocol: string; host: string }>).map(
      ({ protocol, host }) => `${protocol}://${host}`,
    ),
    ['wss://desk.test', 'https://desk.test'],
  )
})

test('the page of the streams has every frame, topic and close code, and no script or style of its own', async () => {
  const page = await ask('/docs/realtime')
  const html = page.body.toString()
  const [, script = ''] = /src="\/docs\/(panel\.[0-9a-f]{12}\.js)"/.exec(html) ?? []
  const asset = await ask('/docs/:asset', { params: { asset: script } })

  assert.match(page.type, /^text\/html/)
  assert.match(String(page.headers['Content-Security-Policy']), /default-src 'none'; script-src 'self'; style-src 'self'/)
  for (const type of [...Object.keys(clientFrames), ...Object.keys(serverFrames)])
    assert.ok(html.includes(`data-type="${type}"`), type)
  for (const { topic } of topicKinds) assert.ok(html.includes(topic), topic)
  for (const { code } of Object.values(closeCodes)) assert.ok(html.includes(`data-close="${code}"`), String(code))
  assert.doesNotMatch(html, /<style|<script(?! src="\/docs\/)| on\w+=| style=|undefined|\[object|(?:src|href)="https?:/)
  assert.equal(asset.headers['Cache-Control'], 'public, max-age=31536000, immutable')
  assert.match(asset.type, /^text\/javascript/)
})

test('who has the description already gets 304', async () => {
  const first = await ask('/openapi.json')
  const again = await ask('/openapi.json', { headers: { 'if-none-match': first.headers.ETag ?? '' } })

  assert.match(String(first.headers.ETag), /^"[\w-]{22}"$/)
  assert.equal(first.headers['Cache-Control'], 'no-cache')
  assert.equal(again.status, 304)
  assert.equal(again.body.length, 0)
  assert.equal(again.headers.ETag, first.headers.ETag)
})

const accepted: [string, boolean][] = [
  ['gzip, deflate, br', true],
  ['br;q=1.0, gzip;q=0.5', true],
  ['*', true],
  ['gzip;q=0', false],
  ['gzip;q=0.0', false],
  ['br', false],
]

for (const [header, isCompressed] of accepted) {
  test(`Accept-Encoding: ${header} is answered ${isCompressed ? 'compressed' : 'as it is'}`, async () => {
    const plain = await ask('/openapi.json')
    const answer = await ask('/openapi.json', { headers: { 'accept-encoding': header } })

    assert.equal(answer.headers['Content-Encoding'], isCompressed ? 'gzip' : undefined)
    assert.equal(answer.headers.Vary, 'Accept-Encoding')
    assert.deepEqual(isCompressed ? gunzipSync(answer.body) : answer.body, plain.body)
    assert.equal(answer.headers.ETag === plain.headers.ETag, !isCompressed)
  })
}

test('the reference may be cached for ever, its page may not', async () => {
  const page = await ask('/docs')
  const [, asset = ''] = /src="\/docs\/(start\.[0-9a-f]+\.js)"/.exec(page.body.toString()) ?? []
  const script = await ask('/docs/:asset', { params: { asset } })

  assert.equal(page.headers['Cache-Control'], 'no-cache')
  assert.match(String(page.headers['Content-Security-Policy']), /script-src 'self'/)
  assert.equal(script.headers['Cache-Control'], 'public, max-age=31536000, immutable')
  await assert.rejects(ask('/docs/:asset', { params: { asset: '../package.json' } }), { code: 'route_not_found' })
})

test('a page tells what a code means and which operations answer it', async () => {
  const { status, type, body, headers } = await ask('/errors/:code', { params: { code: InvalidParameter.code } })

  assert.equal(status, 200)
  assert.match(type, /^text\/html/)
  assert.equal(headers['Content-Security-Policy'], errorPagePolicy)
  assert.match(body.toString(), /A parameter of the path, the query or a header is wrong\./)
  assert.match(body.toString(), /<a href="\/docs#\/Process\/ping">Ping &#60;b&#62;<\/a>/)
})

test('a code that nobody knows has no page', async () => {
  await assert.rejects(ask('/errors/:code', { params: { code: '<script>alert(1)</script>' } }), { code: 'route_not_found' })
})

test('all codes stand on one page, each with a link', async () => {
  const { body } = await ask('/errors')

  assert.match(body.toString(), /<a href="\/errors\/rate_limited">/)
  assert.doesNotMatch(body.toString(), /undefined|\[object/)
})
