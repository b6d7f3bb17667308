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
import { insertMessage, type SignedMessage, type Text } from '../../messages/index.ts'
import { initialStatus, type Lifecycle, lifecycleOf, publicStatus, type StatusDefinition } from '../../workflow/index.ts'
import { announceNews } from '../change.ts'
import { participantAdded, ticketCreated } from '../events.ts'
import { type ChangedValues, writeValues } from '../field-values.ts'
import type { SeenTicket } from '../present.ts'
import type { TicketRow } from '../tables.ts'
import { rankInLine, shownStatus, statusAfterStaffAct, toPriority, waits } from '../ticket.ts'
import { viewOf } from '../visibility.ts'
import { callForAgent } from '../waiting.ts'

/** A ticket that was just raised, with its first message. */
export interface Raised {
  ticket: SeenTicket
  message: SignedMessage
  /** Whether the one who raised it sees it from now on. */
  is_visible: boolean
}

interface Inserted
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
  text: Text
  tags: string[]
  cc: string[]
  metadata: Record<string, string>
  fields: ChangedValues
  client_id: string | undefined
  attachment_ids: readonly string[] | undefined
  /** What routing did, which is announced with it. */
  routed: News[]
  /** The ticket that the first message was written to, when it is another one. */
  addressed_ticket_id: string | null
}

/** Writes a new ticket with its first message, its tags and its people, and announces them. */
export async function insertTicket(tx: Tx, actor: Actor, given: Inserted): Promise<Raised> {
  const lifecycle = await lifecycleOf(tx.db, given.queue.lifecycle_id)
  const number = await nextNumber(tx.db, 'ticket_numbers')
  const ticket = {
    ...newTicketRow(tx, given, { number, status: firstStatus(lifecycle, given) }),
    last_seq: 2 + given.cc.length + given.routed.length,
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
  const posted = await insertMessage(tx, actor, {
    ticket,
    text: given.text,
    visibility: 'public',
    client_id: given.client_id,
    attachment_ids: given.attachment_ids,
    addressed_ticket_id: given.addressed_ticket_id ?? id,
    number: 2,
  })
  await indexDocument(tx.db, 'ticket_search', { id, owner_id: id, visibility: 'public', text: ticket.subject, replaces: false })
  if (ticket.waiting_rank !== null) await callForAgent(tx, ticket, given.queue)
  announceNews(tx, actor, {
    ticket,
    firstSeq: 1,
    announce: [
      news(ticketCreated, { visibility: 'public', data: createdFacts(ticket) }),
      ...posted.announce,
      ...given.cc.map((user_id) => news(participantAdded, { visibility: 'public', data: { user_id, role: 'cc' } })),
      ...given.routed,
    ],
  })
  const participants = given.cc.map((user_id) => ({ user_id, role: 'cc' as const }))
  // Staff may file for others where they do not look themselves: they are answered the public side.
  const view = viewOf({ ...ticket, participants }, actor)
  const seen = { ...ticket, view: view ?? ('requester' as const), lifecycle, definitions: await definitionsOf(tx.db) }
  return { ticket: seen, message: posted.message, is_visible: view !== null }
}

/** Whoever gets a new ticket at once has it in hand. */
function firstStatus(lifecycle: Lifecycle, { assignee_id }: Inserted): StatusDefinition {
  const first = initialStatus(lifecycle)
  if (assignee_id === null) return first
  return statusAfterStaffAct({ lifecycle, status: first.key, status_category: first.category }) ?? first
}

function newTicketRow(
  tx: Tx,
  given: Inserted,
  { number, status: first }: { number: number; status: StatusDefinition },
): TicketRow {
  const {
    queue,
    text: _,
    tags,
    cc: __,
    metadata,
    fields,
    client_id: ___,
    addressed_ticket_id: ____,
    routed: _____,
    attachment_ids: ______,
    ...columns
  } = given
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
    last_message_at: tx.now,
    public_last_message_at: tx.now,
    message_count: 1,
    public_message_count: 1,
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
