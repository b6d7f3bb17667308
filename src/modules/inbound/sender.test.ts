import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isEmailAddress } from '../../platform/http/validate.ts'
import { nameOf, senderOf, subjectOf } from './sender.ts'

test('a name that looks like an address, or like nothing, is none', () => {
  assert.equal(nameOf('ceo@desk.example', 'eve@evil.example'), 'eve')
  assert.equal(nameOf(' \u202e ', 'eve@evil.example'), 'eve')
  assert.equal(nameOf('Mia\r\n Muster', 'mia@customer.example'), 'Mia Muster')
  assert.equal(nameOf('"Mia" <x>', 'mia@customer.example'), 'Mia x')
})

test('whatever a mail calls itself, a name and a subject are one line that can be seen, and From is one address or nobody', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('\r', '\n', '\u202e', '\u0000', '@', 'a', ' ', '😀'),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
    maxLength: 400,
  })
  fc.assert(
    fc.property(text, text, (name, subject) => {
      for (const line of [nameOf(name, 'mia@customer.example'), subjectOf({ subject })]) {
        assert.ok(line.length > 0 && line.length <= 300 && line.isWellFormed())
        assert.doesNotMatch(line, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }
      const sender = senderOf({ from: [{ name, address: subject }], headers: {} })
      assert.ok('problem' in sender || isEmailAddress(sender.address))
    }),
  )
})
