import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeTogether } from './together.ts'

test('what comes while others are being written goes along in the next batch, no more at once than may', async () => {
  const batches: number[][] = []
  const gates: PromiseWithResolvers<void>[] = []
  const write = writeTogether<number, string>({
    most: 3,
    write: async (batch) => {
      batches.push([...batch])
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      await gate.promise
      return batch.map((one) => `${one} written`)
    },
  })

  const answers = Promise.all([1, 2, 3, 4, 5].map((one) => write(one)))
  for (let i = 0; i < 3; i++) {
    gates[i]?.resolve()
    await new Promise(setImmediate)
  }

  assert.deepEqual(batches, [[1], [2, 3, 4], [5]])
  assert.deepEqual(
    await answers,
    [1, 2, 3, 4, 5].map((one) => `${one} written`),
  )
})

test('one that cannot be written fails alone', async () => {
  const write = writeTogether<string, string>({
    most: 10,
    write: async (batch) => {
      if (batch.includes('bad')) throw new Error('no')
      return batch
    },
  })

  const answers = await Promise.allSettled(['first', 'good', 'bad', 'fine'].map((one) => write(one)))

  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
})
