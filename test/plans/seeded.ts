import { makeTicket } from '../../bench/seed.ts'
import type { DraftRow } from '../../src/modules/conversation/tables.ts'
import type { StatusCategory, TicketRow } from '../../src/modules/tickets/tables.ts'
import { rankInLine, waits } from '../../src/modules/tickets/ticket.ts'
import { connectionOf } from '../../src/platform/database/connection.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { insertRows } from '../../src/platform/database/prepared.ts'
import type { Reader } from '../../src/platform/database/schema.ts'
import { newId } from '../../src/platform/ids.ts'
import { addConversation, withFiles } from './seeded-conversation.ts'

/** Who and what the tickets of a desk are spread over. */
export interface Spread {
  queues: readonly string[]
  agents: readonly string[]
  requesters: readonly string[]
  organizations: readonly string[]
  categories: readonly string[]
  fields: { severity: string; amount: string; serial: string }
  /** All that wait in it ask for a skill. */
  skilled_queue_id: string
}

// Of twenty tickets; most are closed, as on a desk that is some years old.
const STATUSES: StatusCategory[] = [
  ...Array.from({ length: 12 }, () => 'closed' as const),
  ...(['solved', 'solved', 'new', 'open', 'open', 'open', 'pending', 'on_hold'] as const),
]
const CHUNK = 100
// What is set for then is not due while a test runs.
const FAR_MS = 50 * 365 * 86_400_000

function pick<T>(from: readonly T[], i: number, step: number): T {
  return from[(i * step) % from.length] as T // none of them is empty
}

/** Fills a desk always in the same way, so that the engines' statistics say the same each time. */
export async function fillEvenly(database: Database, { count, ...spread }: Spread & { count: number }): Promise<void> {
  const started = Date.UTC(2026, 0, 1)
  for (let done = 0; done < count; done += CHUNK) {
    const made = Array.from({ length: CHUNK }, (_, i) => oneOf(done + i, started, spread))
    await database.write(async (db) => {
      const tickets = made.map(({ ticket }) => ticket)
      await insertRows(db, 'tickets', tickets)
      const messages = withFiles(made.flatMap((one) => one.messages))
      await insertRows(db, 'messages', messages)
      await insertRows(
        db,
        'events',
        made.flatMap((one) => one.events),
      )
      await addConversation(db, { tickets, messages, reader_id: spread.agents[0] ?? '' })
      const tags = tickets.flatMap(({ id }, i) =>
        i % 10 === 0 ? [{ ticket_id: id, tag: pick(['vip', 'fire', 'eu'], i, 7) }] : [],
      )
      await insertRows(db, 'ticket_tags', tags)
      await insertRows(
        db,
        'ticket_preferences',
        tickets.flatMap(({ id }, i) =>
          i % 10 === 0
            ? [{ ticket_id: id, user_id: pick(spread.agents, done + i, 3), notify: 'none' as const, updated_at: started }]
            : [],
        ),
      )
      await insertRows(
        db,
        'ticket_participants',
        tickets.flatMap(({ id }, i) => {
          const cc = { ticket_id: id, user_id: pick(spread.requesters, done + i, 17), role: 'cc' as const, created_at: started }
          const follower = { ...cc, user_id: pick(spread.agents, done + i, 3), role: 'follower' as const }
          return i % 5 === 0 ? [cc, follower] : []
        }),
      )
      await insertRows(
        db,
        'deliveries',
        made.map(({ events: [event] }, i) => ({
          id: `dlv_${String(done + i).padStart(26, '0')}`,
          event_id: event?.id ?? '',
          reaction: 'plans.nothing',
          state: 'done' as const,
          due_at: started,
          attempts: 1,
          lease_token: null,
          order_key: null,
          order_seq: null,
          last_error: null,
          created_at: started,
          finished_at: started,
        })),
      )
      await insertRows(
        db,
        'idempotency_keys',
        tickets.map(({ id, requester_id }, i) => ({
          principal_id: requester_id,
          idempotency_key: `key ${done + i}`,
          fingerprint: 'f',
          status: 201,
          headers: '{}',
          body: '{}',
          subject_id: id,
          subject_view: 'staff',
          created_at: started,
        })),
      )
      await addParts(db, { tickets, done, spread })
      await db
        .updateTable('log_head')
        .set({ position: made.at(-1)?.events.at(-1)?.position ?? 0 })
        .execute()
    })
  }
  await addSmallTables(database, spread)
}

/** The rows of later modules that belong to tickets. */
async function addParts(
  db: Reader,
  { tickets, done, spread }: { tickets: readonly TicketRow[]; done: number; spread: Spread },
): Promise<void> {
  const { severity, amount, serial } = spread.fields
  const values = tickets.flatMap(({ id }, i) => {
    const no = done + i
    const common = no % 80 === 0 ? 'high' : no % 3 === 0 ? 'middle' : 'low'
    const value = { ticket_id: id, item: 0, text_value: null, number_value: null }
    return [
      { ...value, field_id: severity, text_value: common },
      ...(no % 2 === 0 ? [{ ...value, field_id: amount, number_value: no }] : []),
      ...(no % 5 === 0 ? [{ ...value, field_id: serial, text_value: `sn-${no}` }] : []),
    ]
  })
  await insertRows(db, 'ticket_field_values', values)
  await insertRows(
    db,
    'ticket_skills',
    tickets.flatMap(({ id, queue_id, waiting_rank }, i) =>
      waiting_rank !== null && (queue_id === spread.skilled_queue_id || i % 5 === 0)
        ? [{ ticket_id: id, skill: 'spanish', relax_at: null }]
        : [],
    ),
  )
  await insertRows(db, 'drafts', draftsOn(tickets, { done, spread }))
  await insertRows(
    db,
    'timers',
    tickets.map(({ id, created_at }) => ({
      id: newId('tim'),
      kind: 'tickets.wake',
      subject_id: id,
      due_at: created_at + FAR_MS,
      generation: 1,
      state: 'due' as const,
      claim_at: created_at + FAR_MS,
      lease_token: null,
      attempts: 0,
      last_error: null,
      created_at,
    })),
  )
}

/** Enough rows for an index to be worth while. */
async function addSmallTables(database: Database, { agents, queues }: Spread): Promise<void> {
  const row = await database.reader.selectFrom('views').selectAll().limit(1).executeTakeFirstOrThrow()
  const stamps = { created_at: row.created_at, updated_at: row.created_at, version: 1 }
  const filters = JSON.stringify({ status_category: 'new,open', assignee_id: 'me' })
  await database.write(async (db) => {
    await insertRows(
      db,
      'views',
      // Of other people than those who ask.
      Array.from({ length: 400 }, (_, i) => ({
        ...row,
        id: newId('vie'),
        filters,
        owner_id: pick(agents.slice(1), i, 1),
        position: i,
      })),
    )
    const others = agents.slice(1)
    await insertRows(
      db,
      'agents',
      others
        .map((user_id) => ({
          ...stamps,
          user_id,
          availability: 'online' as const,
          availability_changed_at: null,
          capacity: null,
        }))
        .map(({ created_at: _, ...agent }) => agent),
    )
    await insertRows(
      db,
      'agent_skills',
      others.slice(0, 9).flatMap((user_id) => ['spanish', 'vip'].map((skill) => ({ user_id, skill }))),
    )
    await insertRows(
      db,
      'queue_agents',
      others.flatMap((user_id, i) => queues.map((queue_id) => ({ queue_id, user_id, last_assigned_seq: i }))),
    )
    await insertRows(
      db,
      'api_keys',
      Array.from({ length: 50 }, (_, i) => ({
        ...stamps,
        id: newId('key'),
        name: `Key ${i}`,
        role: 'agent' as const,
        scopes: '[]',
        secret_hash: `hash ${i}`,
        hint: 'x',
        created_by: row.owner_id,
        expires_at: null,
        last_used_at: null,
        revoked_at: null,
      })),
    )
  })
}

function oneOf(i: number, started: number, spread: Spread) {
  const requester_id = pick(spread.requesters, i, 13)
  const agent_id = pick(spread.agents, i, 11)
  const queue_id = pick(spread.queues, i, 7)
  const filling = { tickets: 0, messagesEach: 2, requester_id, agent_id, queue_id, onProgress: () => {} }
  const { ticket, ...rest } = makeTicket(i, { at: started + i * 1000, head: 0, filling })
  const status_category = pick(STATUSES, i, 9)
  const facts = {
    status_category,
    assignee_id: status_category === 'new' || i % 4 === 0 ? null : agent_id,
    priority: (Math.floor(i / 3) % 4) + 1,
    due_at: null,
    deleted_at: null,
  }
  const more = {
    status: status_category,
    waiting_rank: waits(facts) ? rankInLine(facts, 'due') : null,
    organization_id: i % 3 === 0 ? null : pick(spread.organizations, i, 5),
    category_id: i % 2 === 0 ? null : pick(spread.categories, i, 3),
    external_id: i % 5 === 1 ? null : `ORD-${i}`,
    pending_until: status_category === 'pending' ? started + i * 1000 : null,
  }
  return { ticket: { ...ticket, ...facts, ...more }, ...rest }
}

const TABLES = [
  ...['tickets', 'messages', 'events', 'deliveries', 'ticket_tags', 'ticket_participants', 'idempotency_keys'],
  'read_marks',
  ...['ticket_preferences', 'attachments', 'ticket_links', 'ticket_merges'],
  ...['timers', 'ticket_field_values', 'ticket_skills', 'agents', 'agent_skills', 'queue_agents', 'fields', 'jobs'],
  ...['queues', 'users', 'team_members', 'queue_teams', 'sessions', 'views', 'api_keys', 'routing_rules', 'lifecycles'],
]

/** Statistics of everything: on a server from every page, because a sample says something else each time. */
export async function refreshStatistics(database: Database): Promise<void> {
  const statements =
    database.engine === 'sqlite'
      ? ['analyze']
      : [
          ...TABLES.map(
            (table) => `alter table ${table} stats_persistent = 1, stats_auto_recalc = 0, stats_sample_pages = 10000`,
          ),
          `analyze table ${TABLES.join(', ')}`,
        ]
  await database.write(async (db) => {
    for (const statement of statements) await connectionOf(db).query(statement, [])
  })
}

/** Half of the tickets have a draft by an agent, and half one by a requester. */
function draftsOn(tickets: readonly TicketRow[], { done, spread }: { done: number; spread: Spread }): DraftRow[] {
  return tickets.map(({ id, created_at }, i) => ({
    author_id: i % 2 === 0 ? pick(spread.agents, done + i, 7) : pick(spread.requesters, done + i, 7),
    ticket_id: id,
    body: 'What somebody has begun to write.',
    visibility: i % 4 === 0 ? 'internal' : 'public',
    attachment_ids: '[]',
    attachment_count: 0,
    last_message_id: null,
    base_place: 0,
    side: i % 2 === 0 ? 'staff' : 'requester',
    discarded_at: i % 7 === 0 ? created_at : null,
    created_at,
    updated_at: created_at,
    version: 1,
  }))
}
