import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freshDatabase } from '../../../test/engine.ts'
import { type Actor, type Role, systemActor } from '../../platform/actor.ts'
import { insertRow, insertRows } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { countTickets, listTickets } from './list-tickets.ts'
import { findVisibleTicket } from './queries.ts'
import type { ParticipantRow, TicketRow } from './tables.ts'
import { viewOf } from './visibility.ts'

// Small worlds, in which everything meets everything.
const people = ['usr_a', 'usr_b', 'usr_c', 'usr_d'] as const
const queues = ['que_a', 'que_b', 'que_c'] as const
const organizations = ['org_a', 'org_b'] as const

const actors = fc.record({
  type: fc.constantFrom<Actor['type']>('user', 'user', 'user', 'api_key'),
  id: fc.constantFrom(...people),
  role: fc.constantFrom<Role>('requester', 'agent', 'admin'),
  managed_organization_id: fc.option(fc.constantFrom(...organizations)),
  queue_ids: fc.uniqueArray(fc.constantFrom(...queues)),
})

const tickets = fc.record({
  requester_id: fc.constantFrom(...people),
  organization_id: fc.option(fc.constantFrom(...organizations)),
  assignee_id: fc.option(fc.constantFrom(...people)),
  queue_id: fc.constantFrom(...queues),
  participants: fc.uniqueArray(
    fc.record({ user_id: fc.constantFrom(...people), role: fc.constantFrom<ParticipantRow['role']>('cc', 'follower') }),
    { selector: ({ user_id, role }) => `${user_id} ${role}`, maxLength: 3 },
  ),
})

type World = {
  actors: Partial<Actor>[]
  tickets: Pick<TicketRow, 'requester_id' | 'organization_id' | 'assignee_id' | 'queue_id'>[]
}

test('who sees which ticket on which side is the same in SQL, in every list, and as a plain rule', async () => {
  const { open } = await freshDatabase()
  const database = await open()
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tickets, { minLength: 1, maxLength: 12 }),
        fc.array(actors, { minLength: 1, maxLength: 4 }),
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

function ticketId(i: number): string {
  return `tkt_${String(i).padStart(2, '0')}`
}

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

async function buildWorld(
  db: Reader,
  world: (World['tickets'][number] & { participants: Pick<ParticipantRow, 'user_id' | 'role'>[] })[],
): Promise<void> {
  await db.deleteFrom('tickets').execute()
  await db.deleteFrom('ticket_participants').execute()
  for (const [i, { participants, ...facts }] of world.entries()) {
    await insertRow(db, 'tickets', ticketRow(i, facts))
    await insertRows(
      db,
      'ticket_participants',
      participants.map((participant) => ({ ...participant, ticket_id: ticketId(i), created_at: 0 })),
    )
  }
}

function ticketRow(i: number, facts: World['tickets'][number]): TicketRow {
  return {
    id: ticketId(i),
    number: i + 1,
    subject: 'Subject',
    status: 'new',
    status_category: 'new',
    priority: (i % 4) + 1,
    waiting_rank: null,
    due_at: null,
    category_id: null,
    tags: '[]',
    channel: 'api',
    external_id: null,
    metadata: '{}',
    follow_up_of_id: null,
    pending_until: null,
    first_response_at: null,
    solved_at: null,
    closed_at: null,
    last_message_at: null,
    public_last_message_at: null,
    message_count: 0,
    public_message_count: 0,
    last_seq: 0,
    version: 1,
    public_version: 1,
    created_at: i % 3,
    updated_at: i % 4,
    public_updated_at: i % 2,
    deleted_at: null,
    ...facts,
  }
}
