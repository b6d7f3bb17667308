import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEEPEST, faultOfParent, hasChildInUse, heightOf, isArchived, lineOf } from './category.ts'

type Mutable = Map<string, { parent_id: string | null; is_archived: boolean }>

function treeOf(parents: Record<string, string | null>): Mutable {
  return new Map(Object.entries(parents).map(([id, parent_id]) => [id, { parent_id, is_archived: false }]))
}

test('a category may stand where it makes no cycle and no tower', () => {
  const tree = treeOf({ a: null, b: 'a', c: 'b', d: null })
  const cases = [
    [null, null, undefined],
    ['b', null, undefined],
    ['d', 'c', undefined],
    ['c', 'a', undefined],
    [null, 'x', 'not_found'],
    ['a', 'a', 'cycle'],
    ['a', 'b', 'cycle'],
    ['a', 'c', 'cycle'],
  ] as const

  for (const [id, parent_id, fault] of cases) assert.equal(faultOfParent(tree, { id, parent_id }), fault, `${id} → ${parent_id}`)
  assert.deepEqual(lineOf(tree, 'c'), ['c', 'b', 'a'])
  assert.equal(heightOf(tree, 'a'), 3)
})

test('what hangs on a category counts towards the depth of its new place', () => {
  const tower = Array.from({ length: DEEPEST }, (_, i) => [`t${i}`, i === 0 ? null : `t${i - 1}`])
  const tree = treeOf({ ...Object.fromEntries(tower), a: null, b: 'a' })

  assert.equal(faultOfParent(tree, { id: null, parent_id: `t${DEEPEST - 1}` }), 'too_deep')
  assert.equal(faultOfParent(tree, { id: null, parent_id: `t${DEEPEST - 2}` }), undefined)
  assert.equal(faultOfParent(tree, { id: 'a', parent_id: `t${DEEPEST - 2}` }), 'too_deep')
  assert.equal(faultOfParent(tree, { id: 'a', parent_id: `t${DEEPEST - 3}` }), undefined)
})

test('whatever is moved wherever, the categories stay a tree that is not too deep', () => {
  const ids = Array.from({ length: 14 }, (_, i) => `c${i}`)
  const move = fc.record({ id: fc.constantFrom(...ids), parent_id: fc.option(fc.constantFrom(...ids)) })

  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const tree = treeOf(Object.fromEntries(ids.map((id) => [id, null])))
      for (const { id, parent_id } of moves)
        if (faultOfParent(tree, { id, parent_id }) === undefined) tree.set(id, { parent_id, is_archived: false })
      // lineOf throws when a category stands above itself.
      for (const id of ids) assert.ok(lineOf(tree, id).length <= DEEPEST)
    }),
  )
})

test('nothing more is refused than what makes a cycle or a tower', () => {
  const ids = Array.from({ length: 6 }, (_, i) => `c${i}`)
  const move = fc.record({ id: fc.constantFrom(...ids), parent_id: fc.constantFrom(...ids) })

  fc.assert(
    fc.property(fc.array(move, { maxLength: 20 }), move, (moves, { id, parent_id }) => {
      const tree = treeOf(Object.fromEntries(ids.map((c) => [c, null])))
      for (const m of moves) if (!faultOfParent(tree, m)) tree.set(m.id, { parent_id: m.parent_id, is_archived: false })
      const isRefused = faultOfParent(tree, { id, parent_id }) !== undefined
      tree.set(id, { parent_id, is_archived: false })
      const breaks = (() => {
        try {
          for (const c of ids) lineOf(tree, c)
          return false
        } catch {
          return true
        }
      })()
      assert.equal(isRefused, breaks)
    }),
  )
})

test('a category knows whether one in use stands right under it', () => {
  const tree = treeOf({ a: null, b: 'a' })

  assert.equal(hasChildInUse(tree, 'a'), true)
  tree.set('b', { parent_id: 'a', is_archived: true })
  assert.deepEqual([hasChildInUse(tree, 'a'), isArchived(tree, 'b'), isArchived(tree, null)], [false, true, false])
})
