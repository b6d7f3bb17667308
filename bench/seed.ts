import { FIRST_LIFECYCLE } from '../src/migrations/0003-workflow.ts'
import { placeOf } from '../src/modules/messages/place.ts'
import type { MessageRow } from '../src/modules/messages/tables.ts'
import type { StatusCategory, TicketRow } from '../src/modules/tickets/tables.ts'
import { rankInLine, waits } from '../src/modules/tickets/ticket.ts'
import { toJson } from '../src/platform/codecs.ts'
import type { Database } from '../src/platform/database/database.ts'
import { insertRows } from '../src/platform/database/prepared.ts'
import { indexDocument } from '../src/platform/database/search.ts'
import { newId } from '../src/platform/ids.ts'
import type { EventRow } from '../src/platform/tables.ts'

const WORDS =
  'printer smoke invoice login password reset refund order delivery broken screen account update error crash slow network cable paper tray'.split(
    ' ',
  )
const STATUSES: StatusCategory[] = ['new', 'open', 'open', 'open', 'pending', 'on_hold', 'solved', 'closed']
const CHUNK = 100

/** How a desk is filled: always the same words in the same order, so that two fillings can be compared. */
export interface Filling {
  tickets: number
  messagesEach: number
  requester_id: string
  agent_id: string
  queue_id: string
  onProgress: (done: number) => void
}

/** Fills a desk with tickets as the commands would have written them, in large transactions. */
export async function fillDesk(database: Database, filling: Filling): Promise<void> {
  const started = Date.now() - filling.tickets * 1000
  const { position: head } = await database.reader.selectFrom('log_head').select('position').executeTakeFirstOrThrow()
  for (let done = 0; done < filling.tickets; done += CHUNK) {
    const count = Math.min(CHUNK, filling.tickets - done)
    const made = Array.from({ length: count }, (_, i) => makeTicket(done + i, { at: started + (done + i) * 1000, head, filling }))
    await database.write(async (db) => {
      await insertRows(
        db,
        'tickets',
        made.map(({ ticket }) => ticket),
      )
      await insertRows(
        db,
        'messages',
        made.flatMap(({ messages }) => messages),
      )
      await insertRows(
        db,
        'events',
        made.flatMap(({ events }) => events),
      )
      await insertRows(
        db,
        'ticket_tags',
        made.flatMap(({ ticket }) => (ticket.tags === '[]' ? [] : [{ ticket_id: ticket.id, tag: 'vip' }])),
      )
      for (const { ticket, messages } of made) {
        await indexDocument(db, 'ticket_search', {
          id: ticket.id,
          owner_id: ticket.id,
          visibility: 'public',
          text: ticket.subject,
          replaces: false,
        })
        for (const { id, visibility, body } of messages)
          await indexDocument(db, 'ticket_search', { id, owner_id: ticket.id, visibility, text: body, replaces: false })
      }
      const last = made.at(-1)?.events.at(-1)?.position ?? 0
      await db.updateTable('log_head').set({ position: last }).where('id', '=', 1).execute()
    })
    filling.onProgress(done + count)
  }
}

function words(seed: number, count: number): string {
  return Array.from({ length: count }, (_, i) => WORDS[(seed * 7 + i * 13) % WORDS.length]).join(' ')
}

/** One ticket of a filling, with what was said and what happened in it. */
export function makeTicket(
  i: number,
  { at, head, filling }: { at: number; head: number; filling: Filling },
): { ticket: TicketRow; messages: MessageRow[]; events: EventRow[] } {
  const id = newId('tkt')
  const status = STATUSES[i % STATUSES.length] ?? 'open'
  const n = filling.messagesEach
  const isDone = status === 'solved' || status === 'closed'
  const facts = {
    assignee_id: i % 3 === 0 ? filling.agent_id : null,
    status_category: status,
    priority: (i % 4) + 1,
    deleted_at: null,
    due_at: null,
  }
  const ticket: TicketRow = {
    id,
    number: 2_000_000 + i,
    subject: words(i, 6),
    lifecycle_id: FIRST_LIFECYCLE,
    status,
    public_status: null,
    ...facts,
    waiting_rank: waits(facts) ? rankInLine(facts, 'due') : null,
    queue_id: filling.queue_id,
    category_id: null,
    requester_id: filling.requester_id,
    organization_id: null,
    tags: i % 10 === 0 ? toJson(['vip']) : '[]',
    channel: 'api',
    external_id: null,
    metadata: '{}',
    type_id: null,
    fields: '{}',
    follow_up_of_id: null,
    merged_into_id: null,
    pending_until: null,
    first_response_at: at + 1000,
    solved_at: isDone ? at + n * 1000 : null,
    closed_at: status === 'closed' ? at + n * 1000 : null,
    last_message_at: at + n * 1000,
    public_last_message_at: at + n * 1000,
    message_count: n,
    public_message_count: n,
    last_seq: n + 1,
    version: n,
    public_version: n,
    created_at: at,
    updated_at: at + n * 1000,
    public_updated_at: at + n * 1000,
  }
  const messages = Array.from({ length: n }, (_, m): MessageRow => {
    const body = words(i + m * 31, 40)
    return {
      id: newId('msg'),
      ticket_id: id,
      addressed_ticket_id: id,
      place: placeOf(m + 2),
      author_type: 'user',
      author_id: m % 2 === 0 ? filling.requester_id : filling.agent_id,
      visibility: 'public',
      body,
      body_html: `<p>${body}</p>\n`,
      channel: 'api',
      client_id: null,
      attachment_count: 0,
      edited_at: null,
      retracted_at: null,
      redacted_at: null,
      mail_trust: null,
      mail_quiet: null,
      quoted: null,
      created_at: at + m * 1000,
      updated_at: at + m * 1000,
      version: 1,
    }
  })
  const event = (seq: number, type: string, subject: { type: string; id: string }): EventRow => ({
    id: newId('evt'),
    position: head + i * (n + 1) + seq,
    type,
    subject_type: subject.type,
    subject_id: subject.id,
    subject_version: seq,
    subject_public_version: seq,
    ticket_id: id,
    ticket_seq: seq,
    visibility: 'public',
    actor_type: 'user',
    actor_id: filling.requester_id,
    data: '{}',
    previous: null,
    request_id: null,
    occurred_at: at,
  })
  const events = [
    event(1, 'ticket.created', { type: 'ticket', id }),
    ...messages.map((message, m) => event(m + 2, 'message.created', { type: 'message', id: message.id })),
  ]
  return { ticket, messages, events }
}
