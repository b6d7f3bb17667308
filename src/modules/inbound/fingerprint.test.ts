import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFingerprinting, dedupeKey, type Fingerprint } from './fingerprint.ts'

const numRuns = Number(process.env.FC_RUNS ?? 150)

function fingerprintOf(mail: string, pieces: readonly number[] = []): Fingerprint {
  const fingerprinting = createFingerprinting()
  const bytes = Buffer.from(mail, 'latin1')
  let at = 0
  for (const size of pieces) {
    fingerprinting.update(bytes.subarray(at, at + size))
    at = Math.min(bytes.length, at + size)
  }
  fingerprinting.update(bytes.subarray(at))
  return fingerprinting.finish()
}

const word = fc.stringMatching(/^[a-z0-9é]{1,12}$/)
const field = fc.tuple(
  fc.constantFrom('From', 'To', 'Cc', 'Subject', 'Date', 'Message-ID', 'References', 'Content-Type', 'X-Any', 'Received'),
  word,
)
const mails = fc.record({
  fields: fc.array(field, { maxLength: 8 }),
  body: fc.array(fc.constantFrom('a', 'b', '', ' x', '\r', '> q', 'longer line'), { maxLength: 12 }),
})
const written = ({ fields, body }: { fields: [string, string][]; body: string[] }, end = '\r\n'): string =>
  [...fields.map(([name, value]) => `${name}: <${value}@x>`), '', ...body].join(end)

test('a mail has the same fingerprint in whatever pieces it comes', () => {
  fc.assert(
    fc.property(mails, fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }), (mail, pieces) => {
      const text = written(mail)
      assert.deepEqual(fingerprintOf(text, pieces), fingerprintOf(text))
    }),
    { numRuns },
  )
})

test('what servers add and how lines end makes no other mail; what its author wrote does', () => {
  const carried = fc.array(fc.tuple(fc.constantFrom('Received', 'X-Spam', 'DKIM-Signature', 'Return-Path'), word), {
    maxLength: 4,
  })
  fc.assert(
    fc.property(mails, carried, (mail, added) => {
      const plain = { ...mail, body: mail.body.filter((line) => line !== '\r') }
      const here = fingerprintOf(written(plain))
      const there = fingerprintOf(
        `${written({ ...plain, fields: [...(added as [string, string][]), ...plain.fields] }, '\n')}\n\n`,
      )
      const other = fingerprintOf(written({ ...plain, body: [...plain.body, 'one more'] }))
      const retitled = fingerprintOf(written({ ...plain, fields: [['Subject', 'something'], ...plain.fields] }))

      assert.deepEqual(there, here)
      for (const changed of [other, retitled]) assert.notEqual(dedupeKey(changed, null), dedupeKey(here, null))
      assert.notEqual(dedupeKey(here, 'mbx_1'), dedupeKey(here, null))
      assert.equal(dedupeKey(there, 'mbx_1'), dedupeKey(here, 'mbx_1'))
    }),
    { numRuns },
  )
})

test('an id that is missing, broken or endless is made of the content', () => {
  assert.match(fingerprintOf('Subject: x\r\n\r\n').header_id, /^<[0-9a-f]{64}@missing\.invalid>$/)
  assert.match(fingerprintOf('Message-ID: <>\r\n\r\n').header_id, /@missing\.invalid>$/)
  assert.match(fingerprintOf(`Message-ID: <${'a'.repeat(2000)}@x>\r\n\r\n`).header_id, /^<[0-9a-f]{64}@long\.invalid>$/)
  assert.equal(fingerprintOf('message-id:\r\n <a@b>\r\nMessage-ID: <c@d>\r\n\r\n').header_id, '<a@b>')
})
