import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from '../../platform/http/network.ts'
import { InvalidCredentials } from './problems.ts'
import { createThrottles } from './throttles.ts'

test('a place is an IPv4 address or the /64 around an IPv6 address', () => {
  const cases: [string, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ]

  for (const [address, place] of cases) assert.equal(networkOf(address), place, address)
})

test('a right guess that ran beside ten wrong ones is not told from them', async () => {
  const { guess } = createThrottles()
  const at = { client: '192.0.2.7', account: 'ada@example.com', wrong: InvalidCredentials }
  const { promise, resolve } = Promise.withResolvers<string>()
  const right = guess(at, () => promise)
  for (let i = 0; i < 10; i++)
    await assert.rejects(
      guess(at, () => Promise.reject(InvalidCredentials())),
      { code: 'invalid_credentials' },
    )

  resolve('the account')

  await assert.rejects(right, { code: 'rate_limited' })
  assert.equal(await guess({ ...at, account: 'bob@example.com' }, async () => 'his own'), 'his own')
  assert.equal(await guess({ ...at, client: '192.0.2.8' }, async () => 'from elsewhere'), 'from elsewhere')
})

test('only wrong guesses count: what fails otherwise does not', async () => {
  const { guess } = createThrottles()
  const at = { client: '192.0.2.7', account: 'ada@example.com', wrong: InvalidCredentials }

  for (let i = 0; i < 20; i++)
    await assert.rejects(
      guess(at, () => Promise.reject(new Error('the database is away'))),
      /away/,
    )

  assert.equal(await guess(at, async () => 'the account'), 'the account')
})
