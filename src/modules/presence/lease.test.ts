import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  isNews,
  isOver,
  type Lease,
  leftOf,
  looking,
  NOTHING,
  type Side,
  shownTo,
  TYPING_MS,
  together,
  typing,
  VIEWING_MS,
  type View,
} from './lease.ts'

/** What a device of somebody says, and how long after the word before it. */
interface Word {
  device: number
  after: number
  says: { looks: boolean } | { writes: Side | null }
}

const words: fc.Arbitrary<Word[]> = fc.array(
  fc.record({
    device: fc.nat(2),
    after: fc.nat(60_000),
    says: fc.oneof(
      fc.record({ looks: fc.boolean() }),
      fc.record({ writes: fc.constantFrom<Side | null>('public', 'internal', null) }),
    ),
  }),
  { maxLength: 20 },
)

/** The plain truth: what was said last by each device of each thing, and when. */
interface Truth {
  looked: Map<number, number>
  wrote: Map<number, { side: Side; at: number }>
}

function tell(said: readonly Word[]): { leases: Lease[]; truth: Truth; now: number } {
  const leases: Lease[] = [NOTHING, NOTHING, NOTHING]
  const truth: Truth = { looked: new Map(), wrote: new Map() }
  let now = 1_000_000
  for (const { device, after, says } of said) {
    now += after
    const lease = leases[device] ?? NOTHING
    if ('looks' in says) {
      leases[device] = looking(lease, says.looks, now)
      if (says.looks) truth.looked.set(device, now)
      else truth.looked.delete(device)
    } else {
      leases[device] = typing(lease, says.writes, now)
      if (says.writes === null) truth.wrote.delete(device)
      else truth.wrote.set(device, { side: says.writes, at: now })
    }
  }
  return { leases, truth, now }
}

test('somebody is shown exactly as long as one of his devices has said it lately enough', () => {
  fc.assert(
    fc.property(words, fc.nat(60_000), (said, later) => {
      const { leases, truth, now: last } = tell(said)
      const now = last + later
      const writes = (side: Side) => [...truth.wrote.values()].some((word) => word.side === side && now < word.at + TYPING_MS)
      const looks = [...truth.looked.values()].some((at) => now < at + VIEWING_MS)

      const { viewing, typing } = shownTo('staff', { lease: together(leases), side: 'staff' }, now)

      assert.equal(viewing > now, looks)
      assert.equal(typing, writes('public') ? 'public' : writes('internal') ? 'internal' : null)
      assert.equal(isOver(together(leases), now), !looks && typing === null)
    }),
  )
})

test('nothing is shown after its end, and saying it again only ever moves the end away', () => {
  fc.assert(
    fc.property(
      words,
      fc.constantFrom<View>('staff', 'requester'),
      fc.constantFrom<View>('staff', 'requester'),
      (said, reader, side) => {
        const { leases, now } = tell(said)
        const lease = together(leases)
        const shown = shownTo(reader, { lease, side }, now)
        for (const end of [shown.viewing, shown.typing_until].filter((end) => end > 0)) {
          const after = shownTo(reader, { lease, side }, end)
          assert.ok(end > now && end <= now + VIEWING_MS)
          assert.ok(after.viewing === 0 || after.viewing > end)
          assert.ok(after.typing_until === 0 || after.typing_until > end)
        }

        for (const device of leases) {
          assert.ok(looking(device, true, now).viewing >= device.viewing)
          assert.ok(typing(device, 'public', now).public >= device.public)
          assert.deepEqual(leftOf(leftOf(device, now), now), leftOf(device, now))
        }
      },
    ),
  )
})

test('the public side never learns of a note, nor that staff look', () => {
  fc.assert(
    fc.property(words, fc.constantFrom<View>('staff', 'requester'), (said, side) => {
      const { leases, now } = tell(said)
      const lease = together(leases)

      const shown = shownTo('requester', { lease, side }, now)

      assert.notEqual(shown.typing, 'internal')
      if (side === 'staff') assert.equal(shown.viewing, 0)
      // Whatever is written in notes: the public side is shown the same.
      assert.deepEqual(shownTo('requester', { lease: { ...lease, internal: 0 }, side }, now), shown)
    }),
  )
})

test('who hears only what is news never shows anybody too early, too late, or with a gap', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3_900), { maxLength: 40 }), (pauses) => {
      let [now, lease, known] = [1_000_000, NOTHING, NOTHING]
      for (const pause of [0, ...pauses]) {
        // Up to the moment itself: he who was told knows whether somebody writes.
        assert.equal(known.public > now + pause, lease.public > now + pause)
        now += pause
        lease = typing(lease, 'public', now)
        if (isNews(known, lease, now)) known = lease
      }
      const stopped = typing(lease, null, now)
      assert.equal(isNews(known, stopped, now), true)
    }),
  )
})

test('who writes elsewhere is news, who goes on is not before half of it is over', () => {
  const lease = typing(NOTHING, 'public', 0)

  assert.equal(isNews(NOTHING, lease, 0), true)
  assert.equal(isNews(lease, typing(lease, 'public', 3_000), 3_000), false)
  assert.equal(isNews(lease, typing(lease, 'public', 6_000), 6_000), true)
  assert.equal(isNews(lease, typing(lease, 'internal', 1_000), 1_000), true)
  assert.equal(isNews(lease, lease, 9_000), false)
})
