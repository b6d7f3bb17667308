import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHeartbeat } from './heartbeat.ts'

test('each heart beats once a round, and few at the same moment', () => {
  const heartbeat = createHeartbeat()
  const beats = new Map<number, number>()
  const members = Array.from({ length: 1000 }, (_, i) => ({ beat: () => void beats.set(i, (beats.get(i) ?? 0) + 1) }))
  const turns = members.map((member) => heartbeat.add(member))

  let most = 0
  for (let turn = 0; turn < 200; turn++) {
    const before = beats.size
    heartbeat.tick()
    most = Math.max(most, beats.size - before)
  }

  assert.equal(beats.size, 1000)
  assert.ok([...beats.values()].every((count) => count === 1))
  assert.equal(most, 5)
  for (const [i, member] of members.entries()) heartbeat.remove(member, turns[i] ?? -1)
  for (let turn = 0; turn < 200; turn++) heartbeat.tick()
  assert.ok([...beats.values()].every((count) => count === 1))
})
