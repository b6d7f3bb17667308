import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { endOfQuiet, isQuiet, nextDigest } from './quiet-hours.ts'

const RUNS = Number(process.env.BECKON_TEST_RUNS ?? 60)
const MINUTE = 60_000
const zones = ['UTC', 'Europe/Vienna', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Africa/Casablanca']
const two = (n: number): string => String(n).padStart(2, '0')
const timeOfDay = fc.integer({ min: 0, max: 95 }).map((quarter) => `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`)
// Around the nights in which clocks leap, and any other day.
const at = fc
  .constantFrom(
    '2026-03-28T22:00Z',
    '2026-10-24T22:00Z',
    '2026-03-08T04:00Z',
    '2026-11-01T04:00Z',
    '2026-04-04T12:00Z',
    '2026-07-01T00:00Z',
  )
  .chain((day) => fc.integer({ min: 0, max: 12 * 60 }).map((minutes) => Date.parse(day) + minutes * MINUTE))

test('the quiet hours end at the first minute that does not lie in them, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), timeOfDay, timeOfDay, at, (zone, from, until, now) => {
      const end = endOfQuiet(now, { from, until }, zone)

      let first = now
      while (isQuiet(first, { from, until }, zone)) first += MINUTE
      assert.equal(end, first)
    }),
    { numRuns: RUNS },
  )
})

const cases = [
  ['over midnight', '2026-11-22T23:30Z', '22:00', '07:00', 'UTC', '2026-11-23T07:00Z'],
  ['before midnight is not over it', '2026-11-22T21:59Z', '22:00', '07:00', 'UTC', '2026-11-22T21:59Z'],
  ['at their end they are over', '2026-11-23T07:00Z', '22:00', '07:00', 'UTC', '2026-11-23T07:00Z'],
  ['in the zone of the person', '2026-11-22T21:30Z', '22:00', '07:00', 'Europe/Vienna', '2026-11-23T06:00Z'],
  ['the night in which the clock leaps is short', '2026-03-28T22:00Z', '22:00', '07:00', 'Europe/Vienna', '2026-03-29T05:00Z'],
  ['they end at a time that there is not', '2026-03-29T00:30Z', '22:00', '02:30', 'Europe/Vienna', '2026-03-29T01:00Z'],
  ['they end at a time that comes twice', '2026-10-24T23:30Z', '22:00', '02:30', 'Europe/Vienna', '2026-10-25T00:30Z'],
  ['the whole day but never', '2026-11-22T12:00Z', '09:00', '09:00', 'UTC', '2026-11-22T12:00Z'],
] as const
for (const [name, now, from, until, zone, expected] of cases)
  test(`quiet hours: ${name}`, () => {
    assert.equal(new Date(endOfQuiet(Date.parse(now), { from, until }, zone)).toISOString(), new Date(expected).toISOString())
  })

const digests = [
  ['later today', '2026-11-22T06:59Z', '08:00', 'Europe/Vienna', '2026-11-22T07:00Z'],
  ['tomorrow, when it is that time now', '2026-11-22T07:00Z', '08:00', 'Europe/Vienna', '2026-11-23T07:00Z'],
  ['after the clock has leapt', '2026-03-28T08:00Z', '08:00', 'Europe/Vienna', '2026-03-29T06:00Z'],
  ['at a time that there is not', '2026-03-28T12:00Z', '02:30', 'Europe/Vienna', '2026-03-29T01:30Z'],
  ['hourly', '2026-11-22T07:20Z', 'hourly', 'UTC', '2026-11-22T08:00Z'],
  ['hourly, where clocks differ by half an hour', '2026-11-22T07:20Z', 'hourly', 'Asia/Kolkata', '2026-11-22T07:30Z'],
] as const
for (const [name, now, when, zone, expected] of digests)
  test(`a digest: ${name}`, () => {
    assert.equal(new Date(nextDigest(Date.parse(now), when, zone)).toISOString(), new Date(expected).toISOString())
  })
