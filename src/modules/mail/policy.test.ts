import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLocalRequest } from './policy.ts'

const local = { address: '127.0.0.1', headers: { host: 'localhost:3000' } }

for (const [who, request] of Object.entries({
  'a terminal on this machine': local,
  'a browser on this machine': {
    address: '::1',
    headers: { host: '[::1]:3000', 'sec-fetch-site': 'none', accept: 'text/html' },
  },
  'the page itself, looking again': {
    address: '::ffff:127.0.0.1',
    headers: { host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:3000' },
  },
  'somebody who writes the name in capitals': { address: '127.0.0.2', headers: { host: 'LOCALHOST' } },
}))
  test(`the outbox shows itself to ${who}`, () => assert.equal(isLocalRequest(request), true))

const header = (headers: Record<string, string | string[]>) => ({ ...local, headers: { ...local.headers, ...headers } })

for (const [who, request] of Object.entries({
  'another machine': { ...local, address: '10.0.0.7' },
  'a socket without an address': { ...local, address: '' },
  'a proxy (Forwarded)': header({ forwarded: 'for=1.2.3.4' }),
  'a proxy (X-Forwarded-For)': header({ 'x-forwarded-for': '127.0.0.1' }),
  'a proxy (X-Forwarded-Host)': header({ 'x-forwarded-host': 'localhost' }),
  'a proxy (an empty X-Forwarded-Proto)': header({ 'x-forwarded-proto': '' }),
  'a proxy (X-Real-IP)': header({ 'x-real-ip': '127.0.0.1' }),
  'a proxy (Via)': header({ via: '1.1 proxy' }),
  'a tunnel (CF-Connecting-IP)': header({ 'cf-connecting-ip': '127.0.0.1' }),
  'a name that somebody pointed at 127.0.0.1': header({ host: 'evil.example:3000' }),
  'a name that begins like loopback': header({ host: '127.0.0.1.evil.example' }),
  'a name that ends like loopback': header({ host: 'evil.localhost' }),
  'a host with a user before it': header({ host: 'localhost@evil.example' }),
  'an empty host': header({ host: '' }),
  'nobody in particular': { address: '127.0.0.1', headers: {} },
  'a page of another site': header({ 'sec-fetch-site': 'cross-site' }),
  'a page on another port': header({ origin: 'http://localhost:5173' }),
  'a sandboxed page': header({ origin: 'null' }),
}))
  test(`the outbox hides from ${who}`, () => assert.equal(isLocalRequest(request), false))
