import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isSameOrganization, parseAuthenticationResults, trustedAlignment } from './authentication-results.ts'

const asked = { authserv_id: 'mx.desk.example', from_domain: 'customer.example' }
const verdict = (...values: string[]) => trustedAlignment(values, asked).verdict

test('what the trusted server says counts, and nothing below it', () => {
  const pass = 'mx.desk.example; dmarc=pass header.from=customer.example'
  const fail = 'mx.desk.example; dmarc=fail header.from=customer.example'
  const cases: [string[], string][] = [
    [[pass], 'aligned'],
    [[fail, pass], 'not_aligned'],
    [['other.example; dmarc=pass header.from=customer.example'], 'absent'],
    [[], 'absent'],
    [['mx.desk.example; none'], 'not_aligned'],
    [['mx.desk.example; dmarc=pass header.from=evil.example'], 'not_aligned'],
    [['MX.desk.example 1; dmarc=pass (p=reject dis=none) header.from=Customer.Example'], 'aligned'],
    [['mx.desk.example (comment; dmarc=pass); dkim=fail'], 'not_aligned'],
    [['mx.desk.example; spf=pass smtp.mailfrom="x; dmarc=pass header.from=customer.example"@evil.example'], 'not_aligned'],
    [['mx.desk.example; spf=pass reason="; dmarc=pass" smtp.mailfrom=eve@evil.example'], 'not_aligned'],
    [['mx.desk.example; spf=pass smtp.mailfrom=eve@evil.example (\\); dmarc=pass'], 'not_aligned'],
    [['mx.desk.example; dkim=pass header.d=customer.example'], 'aligned'],
    [['mx.desk.example; dkim=pass header.i=@mail.customer.example'], 'aligned'],
    [['mx.desk.example; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example'], 'not_aligned'],
    [['mx.desk.example; dkim=pass header.d=customer.example; dmarc=fail header.from=customer.example'], 'not_aligned'],
    [['mx.desk.example; dmarc=none header.from=customer.example; spf=pass smtp.mailfrom=bounce@customer.example'], 'aligned'],
    [['mx.desk.example; spf=pass smtp.helo=customer.example'], 'not_aligned'],
    [['mx.desk.example; dmarc=temperror header.from=customer.example; dkim=pass header.d=customer.example'], 'not_aligned'],
  ]

  for (const [values, expected] of cases) assert.equal(verdict(...values), expected, values.join(' | '))
})

test('a public suffix and a neighbour are strangers', () => {
  assert.equal(isSameOrganization('example', 'customer.example'), false)
  assert.equal(isSameOrganization('example', 'example'), false)
  assert.equal(isSameOrganization('evil-customer.example', 'customer.example'), false)
  assert.equal(isSameOrganization('a.customer.example', 'b.customer.example'), false)
  assert.equal(isSameOrganization('a.customer.example', 'customer.example'), true)
})

test('no text within quotes or comments makes a pass', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'ab=;() "\\dmarc=pass'), maxLength: 40 })
  fc.assert(
    fc.property(noise, noise, (quoted, comment) => {
      const inQuotes = quoted.replaceAll(/["\\]/g, '\\$&')
      const inComment = comment.replaceAll(/[()\\]/g, '\\$&')
      const value = `mx.desk.example; spf=pass (${inComment}) reason="${inQuotes}; dmarc=pass" smtp.mailfrom=evil.example`

      assert.equal(verdict(value), 'not_aligned')
      assert.deepEqual(
        parseAuthenticationResults(value)?.results.map(({ method }) => method),
        ['spf'],
      )
    }),
  )
})

test('whatever stands in the field, reading it ends', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => void parseAuthenticationResults(text)))
})
