import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PLACES_BETWEEN, type Placed, placeOf, placesAmong, spread } from './place.ts'

test('places are spread evenly between two that are taken, as long as there are enough', () => {
  assert.deepEqual(spread(0, { after: 10, before: 11 }), [])
  assert.deepEqual(spread(1, { after: 10, before: 12 }), [11])
  assert.deepEqual(spread(3, { after: 0, before: 100 }), [25, 50, 75])
  assert.equal(spread(1, { after: 10, before: 11 }), undefined)
  assert.equal(spread(10, { after: 10, before: 20 }), undefined)
})

test('what comes in stands among what is here by its time, and what is here stays', () => {
  const here = [
    { id: 'h1', place: placeOf(2), created_at: 100 },
    { id: 'h2', place: placeOf(5), created_at: 200 },
  ]
  const incoming = [
    { id: 'before', created_at: 50 },
    { id: 'same', created_at: 100 },
    { id: 'after', created_at: 300 },
  ]

  const placed = placesAmong(here, incoming, placeOf(9))

  assert.deepEqual(placed?.shifted, [])
  assert.deepEqual(
    placed?.incoming.map(({ id, place }) => [id, place / PLACES_BETWEEN]),
    [
      ['before', 1],
      ['same', 3.5],
      ['after', 7],
    ],
  )
})

/** Conversations whose times rise, as those of a ticket do. */
const times = fc.array(fc.nat(20), { maxLength: 12 }).map((gaps) =>
  gaps.map(
    (
      (at) => (gap: number) =>
        (at += gap)
    )(0),
  ),
)

test('however many conversations come in one after the other, each keeps its order, by time, and no place is taken twice', () => {
  fc.assert(
    fc.property(times, fc.array(times, { maxLength: 40 }), (own, others) => {
      let here: Placed[] = own.map((created_at, i) => ({ id: `own ${i}`, place: placeOf(i + 2), created_at }))
      const end = placeOf(own.length + 2)
      for (const [n, other] of others.entries()) {
        const incoming = other.map((created_at, i) => ({ id: `${n} ${i}`, created_at }))
        const placed = placesAmong(here, incoming, end)
        assert.ok(placed)
        const moved = new Map(placed.shifted.map(({ id, place }) => [id, place]))
        const all = [
          ...here.map((one) => ({ ...one, place: moved.get(one.id) ?? one.place })),
          ...placed.incoming.map(({ id, place }, i) => ({ id, place, created_at: other[i] ?? 0 })),
        ].sort((a, b) => a.place - b.place)
        assert.equal(new Set(all.map(({ place }) => place)).size, all.length)
        assert.ok(all.every(({ place }) => place > 0 && place < end && Number.isSafeInteger(place)))
        assert.deepEqual(
          all.filter(({ id }) => here.some((one) => one.id === id)).map(({ id }) => id),
          here.map(({ id }) => id),
        )
        assert.deepEqual(
          placed.incoming.map(({ id }) => id),
          incoming.map(({ id }) => id),
        )
        for (const [i, { created_at }] of all.entries()) assert.ok(i === 0 || created_at >= (all[i - 1]?.created_at ?? 0))
        for (const [i, created_at] of own.entries())
          assert.deepEqual(
            all.find(({ id }) => id === `own ${i}`),
            { id: `own ${i}`, place: placeOf(i + 2), created_at },
          )
        here = all
      }
    }),
    { numRuns: 200 },
  )
})

test('where the room between two is used up, what came in earlier moves closer together, and nothing else', () => {
  const own = [
    { id: 'first', place: placeOf(2), created_at: 0 },
    { id: 'last', place: placeOf(3), created_at: 1000 },
  ]
  let here: Placed[] = own
  let shifts = 0
  for (let n = 0; n < 60; n++) {
    const created_at = 500 + n
    const placed = placesAmong(here, [{ id: `in ${n}`, created_at }], placeOf(9))
    assert.ok(placed)
    shifts += placed.shifted.length
    const moved = new Map([...placed.shifted, ...placed.incoming].map(({ id, place }) => [id, place]))
    here = [...here.slice(0, -1), { id: `in ${n}`, place: 0, created_at }, ...here.slice(-1)].map((one) => ({
      ...one,
      place: moved.get(one.id) ?? one.place,
    }))
    assert.ok(here.every(({ place }, i) => i === 0 || place > (here[i - 1]?.place ?? 0)))
  }
  assert.ok(shifts > 0)
  assert.equal(
    placesAmong(
      own,
      Array.from({ length: PLACES_BETWEEN }, (_, i) => ({ id: `${i}`, created_at: 500 })),
      placeOf(9),
    ),
    undefined,
  )
})
