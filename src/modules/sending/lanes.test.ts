import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLanes } from './lanes.ts'

const well = { isWell: true, ms: 10 }

test('a domain that takes mail quickly gets up to half of all connections', () => {
  const lanes = createLanes(20)

  assert.equal(lanes.room('example.com'), 2)
  for (let i = 0; i < 50; i++) {
    lanes.enter('example.com')
    lanes.leave('example.com', well)
  }
  assert.equal(lanes.room('example.com'), 10)
})

for (const how of [
  { isWell: false, ms: 10 },
  { isWell: true, ms: 6000 },
])
  test(`a domain that ${how.isWell ? 'is slow' : 'refuses'} gets one, until it goes well again`, () => {
    const lanes = createLanes(20)
    for (let i = 0; i < 10; i++) {
      lanes.enter('example.com')
      lanes.leave('example.com', i < 9 ? well : how)
    }

    assert.equal(lanes.room('example.com'), 1)
    lanes.enter('example.com')
    assert.deepEqual(lanes.full(), ['example.com'])
    assert.equal(lanes.room('other.example'), 2)
    lanes.leave('example.com', well)
    assert.deepEqual(lanes.full(), [])
    assert.equal(lanes.room('example.com'), 2)
  })

test('with a single connection there is one for each domain', () => {
  const lanes = createLanes(1)

  lanes.enter('example.com')
  assert.equal(lanes.room('example.com'), 0)
  assert.equal(lanes.room('other.example'), 1)
})
