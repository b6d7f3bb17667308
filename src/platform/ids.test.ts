import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isId, newId } from './ids.ts'

test('identifiers sort in the order in which they were made, however fast', () => {
  const made = Array.from({ length: 50_000 }, () => newId('tkt'))

  assert.deepEqual(made.toSorted(), made)
  assert.equal(new Set(made).size, made.length)
  assert.ok(made.every((id) => isId('tkt', id)))
})
