import fc from 'fast-check'
import { FIRST_LIFECYCLE } from '../src/migrations/0003-workflow.ts'
import type { ParticipantRow, StatusCategory, TicketRow } from '../src/modules/tickets/tables.ts'
import { rankInLine, waits } from '../src/modules/tickets/ticket.ts'
import type { Actor, Role } from '../src/platform/actor.ts'
import { insertRow, insertRows } from '../src/platform/database/prepared.ts'
import type { Reader } from '../src/platform/database/schema.ts'

// Small worlds, in which everything meets everything.
const people = ['usr_a', 'usr_b', 'usr_c', 'usr_d'] as const
export const queues = ['a', 'b', 'c'].map((name) => `que_${name.padEnd(26, '0')}`)
const organizations = ['org_a', 'org_b'] as const

/** Somebody, and what he is to the tickets of the world. */
export const randomActor = fc.record({
  type: fc.constantFrom<Actor['type']>('user', 'user', 'user', 'api_key'),
  id: fc.constantFrom(...people),
  role: fc.constantFrom<Role>('requester', 'agent', 'admin'),
  managed_organization_id: fc.option(fc.constantFrom(...organizations)),
  queue_ids: fc.uniqueArray(fc.constantFrom(...queues)),
})

const facts = {
  requester_id: fc.constantFrom(...people),
  organization_id: fc.option(fc.constantFrom(...organizations)),
  assignee_id: fc.option(fc.constantFrom(...people)),
  queue_id: fc.constantFrom(...queues),
  participants: fc.uniqueArray(
    fc.record({ user_id: fc.constantFrom(...people), role: fc.constantFrom<ParticipantRow['role']>('cc', 'follower') }),
    { selector: ({ user_id, role }) => `${user_id} ${role}`, maxLength: 3 },
  ),
}

/** A ticket that is seen by whom its people and its place say. */
export const randomTicket = fc.record(facts)

/** A ticket in any state, deleted ones too. */
export const ticketInAnyState = fc.record({
  ...facts,
  status_category: fc.constantFrom<StatusCategory>('new', 'open', 'pending', 'on_hold', 'solved', 'closed'),
  priority: fc.integer({ min: 1, max: 4 }),
  pending_until: fc.option(fc.constantFrom(1, 999, 1000, 5000)),
  deleted_at: fc.option(fc.constant(3), { freq: 7 }),
  tag: fc.option(fc.constantFrom('vip', 'fire')),
})

type WorldTicket = Pick<TicketRow, 'requester_id' | 'organization_id' | 'assignee_id' | 'queue_id'> &
  Partial<Pick<TicketRow, 'status_category' | 'priority' | 'pending_until' | 'deleted_at'>> & {
    participants: Pick<ParticipantRow, 'user_id' | 'role'>[]
    tag?: string | null
  }

/** The id of the ticket at this place of the world. */
export function ticketId(i: number): string {
  return `tkt_${String(i).padStart(2, '0')}`
}

/** Makes the database hold this world and no other. */
export async function buildWorld(db: Reader, world: readonly WorldTicket[]): Promise<void> {
  for (const table of ['tickets', 'ticket_participants', 'ticket_tags'] as const) await db.deleteFrom(table).execute()
  const general = await db.selectFrom('queues').selectAll().where('key', '=', 'general').executeTakeFirstOrThrow()
  await db.deleteFrom('queues').where('key', '!=', 'general').execute()
  await insertRows(
    db,
    'queues',
    queues.map((id) => ({ ...general, id, key: id })),
  )
  for (const [i, { participants, tag, ...facts }] of world.entries()) {
    await insertRow(db, 'tickets', ticketRow(i, facts))
    if (tag && !facts.deleted_at) await insertRow(db, 'ticket_tags', { ticket_id: ticketId(i), tag })
    await insertRows(
      db,
      'ticket_participants',
      participants.map((participant) => ({ ...participant, ticket_id: ticketId(i), created_at: 0 })),
    )
  }
}

function ticketRow(i: number, facts: Omit<WorldTicket, 'participants' | 'tag'>): TicketRow {
  const row: TicketRow = {
    id: ticketId(i),
    number: i + 1,
    subject: 'Subject',
    lifecycle_id: FIRST_LIFECYCLE,
    status: 'new',
    public_status: null,
    type_id: null,
    due_at: null,
    fields: '{}',
    status_category: 'new',
    priority: (i % 4) + 1,
    waiting_rank: null,
    category_id: null,
    tags: '[]',
    channel: 'api',
    external_id: null,
    metadata: '{}',
    follow_up_of_id: null,
    merged_into_id: null,
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
  return { ...row, status: row.status_category, waiting_rank: waits(row) ? rankInLine(row, 'due') : null }
}
