import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTurns } from './turns.ts'

test('what one holder says is done in its order, however long each takes, and others do not wait for it', async () => {
  const turns = createTurns()
  const slow = Promise.withResolvers<void>()
  const done: string[] = []

  const first = turns.inTurn('c1', async () => {
    await slow.promise
    done.push('first')
  })
  const second = turns.inTurn('c1', async () => void done.push('second'))
  await turns.inTurn('c2', async () => void done.push('of another'))
  slow.resolve()
  await Promise.all([first, second])

  assert.deepEqual(done, ['of another', 'first', 'second'])
})

test('what waits when its holder leaves is told so, and what comes under the same name later is not', async () => {
  const turns = createTurns()
  const slow = Promise.withResolvers<void>()
  const waiting = turns.inTurn('c1', async (isGone) => {
    await slow.promise
    return isGone()
  })

  turns.leave('c1')
  const later = await turns.inTurn('c1', async (isGone) => isGone())
  slow.resolve()

  assert.equal(await waiting, true)
  assert.equal(later, false)
})
