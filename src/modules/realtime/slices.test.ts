import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createShare } from './slices.ts'

test('those who are told much have a quarter of the time at the most, in short turns', () => {
  let now = 0
  const share = createShare(() => now)
  let usedMs = 0

  for (; now < 1000; now += 0.1) {
    if (!share.isLeft()) continue
    now += 0.2
    usedMs += 0.2
    share.pause()
  }

  assert.ok(usedMs > 150 && usedMs <= 250, `${usedMs} ms of 1000`)
})

test('what was used without asking is rested for, but not for ever', () => {
  let now = 0
  const share = createShare(() => now)

  share.charge(10)
  now += 29
  assert.ok(!share.isLeft())
  now += 2
  assert.ok(share.isLeft())
  share.pause()
  share.charge(5000)
  now += 101
  assert.ok(share.isLeft())
})

test('a turn is over after half a millisecond, and what others do meanwhile does not count', () => {
  let now = 0
  const share = createShare(() => now)

  assert.ok(share.isLeft())
  now += 0.4
  share.pause()
  now += 100
  assert.ok(share.isLeft())
  now += 0.2
  assert.ok(!share.isLeft())
  now += 1.7
  assert.ok(!share.isLeft())
  now += 0.2
  assert.ok(share.isLeft())
})
