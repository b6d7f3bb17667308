import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../problems.ts'
import { createCursors } from './cursor.ts'

const cursors = createCursors(randomBytes(32))
const places = fc.record(
  { key: fc.oneof(fc.integer(), fc.string()), id: fc.string({ maxLength: 40 }) },
  { noNullPrototype: true },
)
const codeOf = (read: () => unknown): string => {
  try {
    read()
    return 'read'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

test('a cursor reads back as the place it was made of, for its own list only, and always looks the same', () => {
  fc.assert(
    fc.property(places, fc.json(), fc.json(), (place, mine, others) => {
      const cursor = cursors.write(mine, place)
      assert.deepEqual(cursors.read(mine, cursor), place)
      assert.equal(cursors.write(mine, place), cursor)
      if (JSON.stringify(mine) !== JSON.stringify(others))
        assert.equal(
          codeOf(() => cursors.read(others, cursor)),
          'cursor_mismatch',
        )
    }),
  )
})

test('a cursor tells nothing of its place, and one that was changed anywhere is refused', () => {
  const cursor = cursors.write('list', { key: 123456789, id: 'msg_hidden' })
  assert.doesNotMatch(Buffer.from(cursor, 'base64url').toString('latin1'), /123456789|msg_hidden/)
  fc.assert(
    fc.property(fc.nat(cursor.length - 2), fc.constantFrom(...'AZaz09_-'), (at, letter) => {
      const changed = cursor.slice(0, at) + letter + cursor.slice(at + 1)
      if (changed !== cursor)
        assert.equal(
          codeOf(() => cursors.read('list', changed)),
          'invalid_parameter',
        )
    }),
  )
  for (const garbage of [
    '',
    'x',
    'a.b',
    cursor.slice(0, -4),
    `${cursor}AAAA`,
    '💥',
    createCursors(randomBytes(32)).write('list', { key: 1, id: 'a' }),
  ])
    assert.equal(
      codeOf(() => cursors.read('list', garbage)),
      'invalid_parameter',
    )
})
