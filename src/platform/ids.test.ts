import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idsMadeWith, isId, newId, newIds } from './ids.ts'

test('identifiers sort in the order in which they were made, however fast', () => {
  const made = Array.from({ length: 50_000 }, () => newId('tkt'))

  assert.deepEqual(made.toSorted(), made)
  assert.equal(new Set(made).size, made.length)
  assert.ok(made.every((id) => isId('tkt', id)))
})

test('identifiers that were made together are told from all others, and sort with them', () => {
  const before = newId('evt')
  const together = newIds('evt', 100)
  const others = [...newIds('evt', 100), newId('evt')]
  const [first, last] = idsMadeWith(together[50] ?? '')

  assert.deepEqual([before, ...together, ...others].toSorted(), [before, ...together, ...others])
  assert.ok(together.every((id) => id >= first && id <= last && isId('evt', id)))
  assert.ok([before, ...others].every((id) => id < first || id > last))
  assert.equal(new Set(together).size, 100)
})
