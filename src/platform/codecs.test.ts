import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldEmail, fromTime, toTime } from './codecs.ts'
import { isId, newId } from './ids.ts'

test('a time on the wire is what Date writes, and reads back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      assert.equal(toTime(ms), new Date(ms).toISOString())
      assert.equal(fromTime(toTime(ms)), ms)
    }),
  )
})

test('what is no RFC 3339 time is refused', () => {
  for (const text of [
    '2026-11-22',
    'yesterday',
    '2026-13-40T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
    '2026-11-22 09:00:00',
    '',
    '1763802000000',
  ])
    assert.equal(fromTime(text), undefined, text)
  assert.equal(fromTime('2026-11-22T10:00:00+01:00'), Date.UTC(2026, 10, 22, 9))
})

test('identifiers are prefix and 26 characters, never the same, and sort by the time at which they were made', () => {
  const ids = Array.from({ length: 1000 }, () => newId('tkt'))
  assert.equal(new Set(ids).size, 1000)
  for (const id of ids) assert.ok(isId('tkt', id), id)
  assert.equal(isId('usr', ids[0] ?? ''), false)
  const [early, late] = [newId('a').slice(2, 12), newId('a').slice(2, 12)]
  assert.ok(early <= late)
})

test('an address is compared by our own folding', () => {
  assert.equal(foldEmail('  Ada@Example.COM '), 'ada@example.com')
})
