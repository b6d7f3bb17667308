import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOneAddress, markOfMail, messageIdOf, toHeaderLine } from './mail.ts'

const secret = Buffer.alloc(32, 7)

test('the same key names the same mail, another key or another installation another', () => {
  const mark = markOfMail(secret, 'verify:reg_1')

  assert.match(mark, /^[0-9a-hjkmnp-tv-z]{26}$/)
  assert.equal(markOfMail(secret, 'verify:reg_1'), mark)
  assert.notEqual(markOfMail(secret, 'verify:reg_2'), mark)
  assert.notEqual(markOfMail(Buffer.alloc(32, 8), 'verify:reg_1'), mark)
})

for (const [from, domain] of [
  ['beckon@desk.example', 'desk.example'],
  ['Support <help@Desk.Example>', 'desk.example'],
  ['"A@B" <help@desk.example> ', 'desk.example'],
  ['nobody', 'localhost'],
] as const)
  test(`a Message-ID of ${from} is under ${domain}`, () => assert.equal(messageIdOf('m1', from), `<m1@${domain}>`))

test('a subject cannot begin a header of its own', () => {
  assert.equal(toHeaderLine('Hello\r\nBcc: eve@example.com\u0000\u2028 you '), 'Hello Bcc: eve@example.com  you')
})

for (const address of ['ada@example.com', 'ada.o’neil+desk@bücher.example', 'a!#$%@example.com'])
  test(`${address} is one address`, () => assert.equal(isOneAddress(address), true))

for (const address of [
  '',
  'ada',
  'ada@example.com, eve@example.com',
  'ada@example.com\r\nBcc: eve@example.com',
  'Ada <ada@example.com>',
  'ada@example.com>',
  'list:ada@example.com;',
  '"ada eve"@example.com',
  `${'a'.repeat(250)}@example.com`,
])
  test(`${JSON.stringify(address.slice(0, 40))} is not one address`, () => assert.equal(isOneAddress(address), false))
