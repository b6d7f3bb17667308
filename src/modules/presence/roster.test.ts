import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looking, VIEWING_MS } from './lease.ts'
import { createRoster, type Here, type Roster, standingOf } from './roster.ts'

const NOW = 1_000_000

function openRoster() {
  const told: string[] = []
  const clock = { at: NOW, now: () => clock.at }
  const tell = ({ ticket_id, person, ...here }: Here, now: number): void => {
    const { lease } = standingOf({ ticket_id, person, ...here }, now, 'all')
    told.push(`${person.name} ${lease.viewing > 0 ? 'in' : 'out of'} ${ticket_id}`)
  }
  const roster = createRoster({ clock, bounds: { tickets: 3, peoplePerTicket: 2, ticketsPerHolder: 2 }, tell })
  return { roster, told, clock }
}

function look(roster: Roster, name: string, ticket_id: string, { holder = name, active = true, isOwn = true } = {}): void {
  const said = { ticket_id, person: { id: name, name }, holder, side: 'staff' as const, isOwn }
  roster.hold(said, (lease, now) => looking(lease, active, now))
}

function peopleIn(roster: Roster, ticket_id: string): string[] {
  return [...roster.inTicket(ticket_id)].map(({ person }) => person.name)
}

test('who comes when a ticket is full is not taken in, until somebody has gone', () => {
  const { roster, told } = openRoster()
  for (const name of ['Ada', 'Bob', 'Cara']) look(roster, name, 'one')
  assert.deepEqual(peopleIn(roster, 'one'), ['Ada', 'Bob'])
  assert.deepEqual(told, ['Ada in one', 'Bob in one'])

  look(roster, 'Ada', 'one', { active: false })
  look(roster, 'Cara', 'one')

  assert.deepEqual(peopleIn(roster, 'one'), ['Bob', 'Cara'])
})

test('where there are too many tickets the one that was touched longest ago ends, and so it is told', () => {
  const { roster, told } = openRoster()
  for (const [i, ticket] of ['one', 'two', 'three'].entries()) look(roster, 'Ada', ticket, { holder: `c${i}` })
  look(roster, 'Ada', 'one', { holder: 'c0' })
  told.length = 0

  look(roster, 'Bob', 'four')

  assert.deepEqual(told, ['Ada out of two', 'Bob in four'])
  assert.deepEqual(peopleIn(roster, 'two'), [])
  // What held it holds it no longer: its leaving is no news.
  told.length = 0
  roster.leave('c1')
  assert.deepEqual(told, [])
})

test('a connection that is in too many tickets leaves one, where another of the same person may stay', () => {
  const { roster, told } = openRoster()
  look(roster, 'Ada', 'one', { holder: 'phone' })
  for (const ticket of ['one', 'two', 'three']) look(roster, 'Ada', ticket, { holder: 'laptop' })
  assert.deepEqual(peopleIn(roster, 'one'), ['Ada'])

  told.length = 0
  roster.leave('phone')
  assert.deepEqual(told, ['Ada out of one'])
  roster.leave('laptop')
  assert.deepEqual(told.slice(1), ['Ada out of two', 'Ada out of three'])
  assert.equal(roster.sweep(), false, 'nothing is left')
})

test('a device whose time is over counts for nothing, swept or not', () => {
  const { roster, clock } = openRoster()
  look(roster, 'Ada', 'one', { holder: 'phone' })
  clock.at += 44_000
  roster.hold(
    { ticket_id: 'one', person: { id: 'Ada', name: 'Ada' }, holder: 'laptop', side: 'requester', isOwn: true },
    (lease, now) => looking(lease, true, now),
  )
  const [here] = roster.inTicket('one')
  assert.ok(here)

  assert.equal(standingOf(here, clock.at, 'all').side, 'staff')
  clock.at += 1_000
  assert.equal(standingOf(here, clock.at, 'all').side, 'requester')
})

test('what is over is swept, and what was never said is not ended', () => {
  const { roster, told, clock } = openRoster()
  look(roster, 'Ada', 'one', { active: false })
  assert.deepEqual(told, [])
  look(roster, 'Ada', 'one')
  clock.at += 45_000

  assert.equal(roster.sweep(), false)

  assert.deepEqual(told, ['Ada in one', 'Ada out of one'])
  assert.deepEqual([...roster.everybody()], [])
})

test('a clock that is set back keeps nobody any longer than if he had come just now', () => {
  const { roster, clock, told } = openRoster()
  look(roster, 'Ada', 'one')

  clock.at -= 3_600_000
  roster.sweep()
  clock.at += VIEWING_MS
  roster.sweep()

  assert.deepEqual(peopleIn(roster, 'one'), [])
  assert.equal(told.at(-1), 'Ada out of one')
})
