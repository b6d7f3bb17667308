import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unanswered } from './unanswered.ts'

const KIB = 1024

test('who answers no ping is sent no more than may be underway; an answer counts for all before it', () => {
  const pings: Buffer[] = []
  const unanswered = new Unanswered((ping) => void pings.push(ping))

  for (let i = 0; i < 300; i++) unanswered.add(KIB)
  assert.equal(unanswered.excess(), 44 * KIB)
  assert.deepEqual(
    pings.map(String),
    [64, 128, 192, 256].map((kib) => `${kib * KIB}`),
  )
  unanswered.answer(pings[2] ?? Buffer.from(''))
  assert.equal(unanswered.excess(), 0)
  for (let i = 0; i < 200; i++) unanswered.add(KIB)
  assert.equal(unanswered.excess(), (500 - 192 - 256) * KIB)
})

test('a pong that answers none of the pings counts for nothing', () => {
  const unanswered = new Unanswered(() => {})
  unanswered.add(300 * KIB)
  unanswered.add(300 * KIB)

  for (const pong of ['', 'x', '-1', '1e99', `${601 * KIB}`, '9'.repeat(125), 'NaN', 'Infinity'])
    unanswered.answer(Buffer.from(pong))

  assert.equal(unanswered.excess(), 344 * KIB)
})
