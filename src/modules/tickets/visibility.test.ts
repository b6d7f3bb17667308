import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freshDatabase } from '../../../test/engine.ts'
import { buildWorld, randomActor, randomTicket, ticketId } from '../../../test/small-worlds.ts'
import { type Actor, systemActor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { countTickets, listTickets } from './list-tickets.ts'
import { findVisibleTicket } from './queries.ts'
import { viewOf } from './visibility.ts'

test('who sees which ticket on which side is the same in SQL, in every list, and as a plain rule', async () => {
  const { open } = await freshDatabase()
  const database = await open()
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomTicket, { minLength: 1, maxLength: 12 }),
        fc.array(randomActor, { minLength: 1, maxLength: 4 }),
        async (world, everybody) => {
          await database.write((db) => buildWorld(db, world))
          for (const one of everybody) {
            const actor: Actor = { ...systemActor, ...one }
            const expected = world.flatMap((facts, i) => {
              const view = viewOf(facts, actor)
              return view ? [`${ticketId(i)} ${view}`] : []
            })
            assert.deepEqual(await seenOneByOne(database.reader, actor, world.length), expected)
            for (const sort of ['created_at', '-updated_at', 'priority', '-number'] as const)
              assert.deepEqual(await seenInList(database.reader, actor, sort), [...expected].sort())
            assert.equal(await countTickets(database.reader, actor, {}), expected.length)
          }
        },
      ),
      { numRuns: 150 },
    )
  } finally {
    await database.close()
  }
})

async function seenOneByOne(db: Reader, actor: Actor, count: number): Promise<string[]> {
  const seen: string[] = []
  for (let i = 0; i < count; i++) {
    const ticket = await findVisibleTicket(db, actor, ticketId(i))
    if (ticket) seen.push(`${ticket.id} ${ticket.view}`)
  }
  return seen
}

async function seenInList(
  db: Reader,
  actor: Actor,
  sort: 'created_at' | '-updated_at' | 'priority' | '-number',
): Promise<string[]> {
  const rows = await listTickets(db, actor, { filters: {}, sort, after: undefined, limit: 100 })
  return rows.map(({ id, view }) => `${id} ${view}`).sort()
}
