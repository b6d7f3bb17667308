import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadReference, referencePolicy } from './reference.ts'

test('the reference page loads only what Beckon serves itself', async () => {
  const reference = await loadReference()

  const page = reference.get('/docs')?.body.toString() ?? ''
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '')
  const served = addresses.filter((address) => reference.has(address))
  assert.equal(served.length, 4)
  assert.deepEqual(
    addresses.filter((address) => !reference.has(address)),
    ['data:,', '/openapi.json'],
  )
  assert.doesNotMatch(page, /\{\{|<script>|style=/)
})

test('the policy of the reference names no other host and allows nothing inline', () => {
  assert.match(referencePolicy, /^default-src 'none';/)
  assert.match(referencePolicy, /connect-src 'self'/)
  assert.doesNotMatch(referencePolicy, /unsafe|https?:|\*/)
})

test('every asset has its type, a name that changes with its content, and no source map', async () => {
  const reference = await loadReference()

  const assets = [...reference].filter(([path]) => /\.(css|js)$/.test(path))
  for (const [path, { type, body }] of assets) {
    assert.match(path, /^\/docs\/[\w-]+\.[0-9a-f]{12}\.(css|js)$/)
    assert.match(type, path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/)
    assert.doesNotMatch(body.subarray(-200).toString(), /sourceMappingURL/)
  }
  assert.equal(assets.length, 4)
})
