import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freshDatabase } from '../../../test/engine.ts'
import { buildWorld, queues, randomActor, ticketInAnyState } from '../../../test/small-worlds.ts'
import { type Actor, systemActor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { countSavedTickets, listSavedTickets, type SavedList } from '../tickets/index.ts'
import { countQueues } from './queue-counts.ts'

const NOW = 1000
const categories = ['new', 'open', 'pending', 'on_hold', 'solved', 'closed'] as const

const randomView = fc.record(
  {
    status_category: fc.uniqueArray(fc.constantFrom(...categories), { minLength: 1 }).map(String),
    priority: fc.constantFrom('low', 'urgent,high'),
    queue_id: fc.uniqueArray(fc.constantFrom('A', 'B', 'C'), { minLength: 1 }).map((names) => names.map(idOfQueue).join()),
    assignee_id: fc.constantFrom('me', 'none', 'me,none'),
    organization_id: fc.constant('none'),
    tag: fc.constantFrom('vip', 'vip,fire'),
    'updated_at[lt]': fc.constant('1970-01-01T00:00:00.002Z'),
  },
  { requiredKeys: [] },
)

function idOfQueue(name: string): string {
  return `que_${name.toLowerCase().padEnd(26, '0')}`
}

test('the counts of views and queues are what walking the lists gives, for everybody in any world', async () => {
  const { open } = await freshDatabase()
  const database = await open()
  const world = fc.record({
    tickets: fc.array(ticketInAnyState, { minLength: 1, maxLength: 25 }),
    actors: fc.array(randomActor, { minLength: 1, maxLength: 4 }),
    views: fc.array(randomView, { minLength: 1, maxLength: 4 }),
  })
  try {
    await fc.assert(
      fc.asyncProperty(world, async ({ tickets, actors, views }) => {
        await database.write((db) => buildWorld(db, tickets))
        for (const one of actors) {
          const actor: Actor = { ...systemActor, ...one }
          for (const filters of views) await checkView(database.reader, actor, { filters, sort: null })
          if (actor.role !== 'requester') await checkQueues(database.reader, actor)
        }
      }),
      { numRuns: 100 },
    )
  } finally {
    await database.close()
  }
})

async function checkView(db: Reader, actor: Actor, saved: SavedList): Promise<void> {
  assert.equal(await countSavedTickets(db, actor, saved), (await walk(db, actor, saved)).length, JSON.stringify(saved))
}

/** All of a list, a few at a time. */
async function walk(db: Reader, actor: Actor, saved: SavedList) {
  const found = []
  for (let after: { key: number; id: string } | undefined; ; ) {
    const page = await listSavedTickets(db, actor, { saved, after, limit: 7 })
    found.push(...page.slice(0, 7))
    const last = page[6]
    if (page.length <= 7 || !last) return found
    after = { key: last.created_at, id: last.id }
  }
}

async function checkQueues(db: Reader, actor: Actor): Promise<void> {
  const counts = new Map((await countQueues(db, actor, NOW)).map((one) => [one.queue_id, one]))
  const worked = queues.filter((id) => actor.role === 'admin' || actor.queue_ids.includes(id))
  assert.deepEqual([...counts.keys()].filter((id) => queues.some((known) => known === id)).sort(), [...worked].sort())
  for (const queue_id of worked) {
    const listed = (await walk(db, actor, { filters: { queue_id }, sort: null })).filter(({ view }) => view === 'staff')
    const count = (holds: (ticket: (typeof listed)[number]) => boolean) => listed.filter(holds).length
    const isActive = ({ status_category: category }: { status_category: string }) => category === 'new' || category === 'open'
    assert.deepEqual(counts.get(queue_id), {
      queue_id,
      object: 'queue_counts',
      new: count(({ status_category }) => status_category === 'new'),
      open: count(({ status_category }) => status_category === 'open'),
      unassigned: count((ticket) => isActive(ticket) && ticket.assignee_id === null),
      mine: count((ticket) => isActive(ticket) && ticket.assignee_id === actor.id),
      pending_overdue: count(
        ({ status_category, pending_until }) =>
          (status_category === 'pending' || status_category === 'on_hold') && pending_until !== null && pending_until < NOW,
      ),
    })
  }
}
