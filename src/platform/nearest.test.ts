import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { editDistance, nearest } from './nearest.ts'

const parameters = ['status', 'status_category', 'assignee_id', 'created_at', 'updated_at', 'limit', 'cursor', 'sort', 'tag', 'q']

test('a mistyped name gets the name that was meant', () => {
  const cases = [
    ['limt', 'limit'],
    ['lmiit', 'limit'],
    ['createdAt', 'created_at'],
    ['asignee', 'assignee_id'],
    ['STATUS', 'status'],
    ['tags', 'tag'],
    ['statsu_category', 'status_category'],
  ] as const

  for (const [typed, meant] of cases) assert.equal(nearest(typed, parameters), meant, typed)
})

test('a name that is like none of them gets no advice', () => {
  for (const typed of ['', 'x', 'organization', 'page', 'priority_rank', 'a'.repeat(1_000_000)]) {
    assert.equal(nearest(typed, parameters), undefined, typed.slice(0, 20))
  }
})

test('of two equally near names the first is taken', () => {
  assert.equal(nearest('cat', ['bat', 'rat']), 'bat')
})

test('two neighbouring letters in the wrong order are one mistake', () => {
  assert.equal(editDistance('form', 'from'), 1)
  assert.equal(editDistance('form', 'form'), 0)
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(editDistance('kitten', 'sitting'), 3)
})

test('the distance is symmetric, zero only for the same word, and at most the longer length', () => {
  const word = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b)

      assert.equal(distance, editDistance(b, a))
      assert.equal(distance === 0, a === b)
      assert.ok(distance <= Math.max(a.length, b.length))
      assert.ok(distance >= Math.abs(a.length - b.length))
    }),
  )
})
