import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffMs } from './backoff.ts'

const SECOND = 1000
const DAY = 86_400 * SECOND

/** All the waits of a mail that never gets through. */
function waitsOf(random: readonly number[]): number[] {
  const waits: number[] = []
  for (;;) {
    const wait = backoffMs(waits.length + 1, random[waits.length % random.length])
    if (wait === undefined) return waits
    waits.push(wait)
    assert.ok(waits.length < 100)
  }
}

test('whatever the jitter: first again within a minute, never later than a day, and for five days', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(chance, { minLength: 1, maxLength: 20 }), (random) => {
      const waits = waitsOf(random)
      const total = waits.reduce((sum, wait) => sum + wait, 0)

      assert.ok((waits[0] ?? 0) >= 19 * SECOND && (waits[0] ?? 0) <= 60 * SECOND)
      assert.ok(waits.every((wait) => wait > 0 && wait <= DAY * 1.05))
      assert.ok(total >= DAY * 4.75 && total <= DAY * 5.25, `${total / DAY} days`)
      // The last one fills up the five days.
      assert.ok(waits.slice(1, -1).every((wait, i) => wait >= (waits[i] ?? 0) * 0.9))
    }),
  )
})

test('the waits, without jitter', () => {
  const minutes = waitsOf([0.5]).map((wait) => Math.round(wait / 6000) / 10)

  assert.deepEqual(minutes.slice(0, 8), [0.3, 0.7, 1.3, 2.7, 5.3, 10.7, 21.3, 42.7])
  assert.deepEqual(minutes.slice(-5), [1365.3, 1440, 1440, 1440, 149.7])
})
