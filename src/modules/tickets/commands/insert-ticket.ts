import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { nextNumber } from '../../../platform/database/dialect.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import { insertRow, insertRows } from '../../../platform/database/prepared.ts'
import { indexDocument } from '../../../platform/database/search.ts'
import { type News, news } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { QueueRow } from '../../desk/index.ts'
import { externalIdTaken } from '../../directory/index.ts'
import { definitionsOf } from '../../fields/index.ts'
import { insertMessage, type MessageMail, type SignedMessage, type Text } from '../../messages/index.ts'
import { initialStatus, type Lifecycle, lifecycleOf, publicStatus, type StatusDefinition } from '../../workflow/index.ts'
import { announceNews } from '../change.ts'
import { participantAdded, ticketCreated } from '../events.ts'
import { type ChangedValues, writeValues } from '../field-values.ts'
import type { SeenTicket } from '../present.ts'
import type { TicketRow } from '../tables.ts'
import { rankInLine, shownStatus, statusAfterStaffAct, toPriority, waits } from '../ticket.ts'
import { viewOf } from '../visibility.ts'
import { callForAgent } from '../waiting.ts'

/** A ticket that is new. */
export interface NewTicket {
  ticket: SeenTicket
  /** Whether the one who raised it sees it from now on. */
  is_visible: boolean
}

/** A ticket that was just raised, with its first message. */
export interface Raised extends NewTicket {
  message: SignedMessage
}

/** With which messages a ticket begins. */
export interface Beginning {
  tally: Pick<TicketRow, 'message_count' | 'public_message_count' | 'last_message_at' | 'public_last_message_at'>
  /** How many pieces of news `bring` answers. */
  news_count: number
  /** Puts them there; the row of the ticket is written. */
  bring(ticket: TicketRow): Promise<News[]>
}

interface Described
  extends Pick<
    TicketRow,
    | 'subject'
    | 'category_id'
    | 'priority'
    | 'due_at'
    | 'requester_id'
    | 'organization_id'
    | 'assignee_id'
    | 'channel'
    | 'external_id'
    | 'follow_up_of_id'
    | 'type_id'
  > {
  /** Stays as it is until the transaction ends. */
  queue: QueueRow
  tags: string[]
  cc: string[]
  metadata: Record<string, string>
  fields: ChangedValues
  /** What routing did, which is announced with it. */
  routed: News[]
}

interface Inserted extends Described {
  text: Text
  client_id: string | undefined
  attachment_ids: readonly string[] | undefined
  mail?: MessageMail | undefined
  /** The ticket that the first message was written to, when it is another one. */
  addressed_ticket_id: string | null
}

/** Writes a new ticket with its first message, its tags and its people, and announces them. */
export async function insertTicket(
  tx: Tx,
  actor: Actor,
  { text, client_id, attachment_ids, mail, addressed_ticket_id, ...described }: Inserted,
): Promise<Raised> {
  const posted: SignedMessage[] = []
  const inserted = await insertTicketWith(tx, actor, described, {
    tally: { message_count: 1, public_message_count: 1, last_message_at: tx.now, public_last_message_at: tx.now },
    news_count: 1,
    bring: async (ticket) => {
      const first = { ticket, text, visibility: 'public' as const, client_id, attachment_ids, mail, number: 2 }
      const { message, announce } = await insertMessage(tx, actor, {
        ...first,
        addressed_ticket_id: addressed_ticket_id ?? ticket.id,
      })
      posted.push(message)
      return announce
    },
  })
  const [message] = posted
  if (!message) throw new Error('a ticket without its first message')
  return { ...inserted, message }
}

/** Writes a new ticket that begins with these messages, its tags and its people, and announces them. */
export async function insertTicketWith(tx: Tx, actor: Actor, given: Described, beginning: Beginning): Promise<NewTicket> {
  const lifecycle = await lifecycleOf(tx.db, given.queue.lifecycle_id)
  const number = await nextNumber(tx.db, 'ticket_numbers')
  const ticket = {
    ...newTicketRow(tx, given, { number, status: firstStatus(lifecycle, given) }),
    ...beginning.tally,
    last_seq: 1 + beginning.news_count + given.cc.length + given.routed.length,
  }
  try {
    await insertRow(tx.db, 'tickets', ticket)
  } catch (error) {
    if (isDuplicate(error) && given.external_id !== null) throw externalIdTaken()
    throw error
  }
  const { id } = ticket
  await insertRows(
    tx.db,
    'ticket_tags',
    given.tags.map((tag) => ({ ticket_id: id, tag })),
  )
  await insertRows(
    tx.db,
    'ticket_participants',
    given.cc.map((user_id) => ({ ticket_id: id, user_id, role: 'cc', created_at: tx.now })),
  )
  await writeValues(tx, id, { ...given.fields, isNew: true })
  const begun = await beginning.bring(ticket)
  await indexDocument(tx.db, 'ticket_search', { id, owner_id: id, visibility: 'public', text: ticket.subject, replaces: false })
  if (ticket.waiting_rank !== null) await callForAgent(tx, ticket, given.queue)
  announceNews(tx, actor, {
    ticket,
    firstSeq: 1,
    announce: [
      news(ticketCreated, { visibility: 'public', data: createdFacts(ticket) }),
      ...begun,
      ...given.cc.map((user_id) => news(participantAdded, { visibility: 'public', data: { user_id, role: 'cc' } })),
      ...given.routed,
    ],
  })
  const participants = given.cc.map((user_id) => ({ user_id, role: 'cc' as const }))
  // Staff may file for others where they do not look themselves: they are answered the public side.
  const view = viewOf({ ...ticket, participants }, actor)
  const seen = { ...ticket, view: view ?? ('requester' as const), lifecycle, definitions: await definitionsOf(tx.db) }
  return { ticket: seen, is_visible: view !== null }
}

/** Whoever gets a new ticket at once has it in hand. */
function firstStatus(lifecycle: Lifecycle, { assignee_id }: Described): StatusDefinition {
  const first = initialStatus(lifecycle)
  if (assignee_id === null) return first
  return statusAfterStaffAct({ lifecycle, status: first.key, status_category: first.category }) ?? first
}

function newTicketRow(
  tx: Tx,
  given: Described,
  { number, status: first }: { number: number; status: StatusDefinition },
): TicketRow {
  const { queue, tags, cc: _, metadata, fields, routed: __, ...columns } = given
  const shown = publicStatus(first)
  const status = {
    lifecycle_id: queue.lifecycle_id,
    status: first.key,
    status_category: first.category,
    public_status: shown === first.key ? null : shown,
    deleted_at: null,
  }
  return {
    id: newId('tkt'),
    number,
    queue_id: queue.id,
    ...columns,
    ...status,
    waiting_rank: waits({ ...status, assignee_id: given.assignee_id }) ? rankInLine(given, queue.assignment_order) : null,
    tags: toJson(tags),
    metadata: toJson(metadata),
    fields: toJson(fields.values),
    pending_until: null,
    first_response_at: null,
    solved_at: null,
    closed_at: null,
    merged_into_id: null,
    last_message_at: null,
    public_last_message_at: null,
    message_count: 0,
    public_message_count: 0,
    last_seq: 0,
    version: 1,
    public_version: 1,
    created_at: tx.now,
    updated_at: tx.now,
    public_updated_at: tx.now,
  }
}

function createdFacts(ticket: TicketRow) {
  const { number, requester_id, queue_id, priority, follow_up_of_id } = ticket
  return { number, requester_id, queue_id, status: shownStatus(ticket), priority: toPriority(priority), follow_up_of_id }
}
