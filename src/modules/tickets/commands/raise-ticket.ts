import { type Actor, isStaff } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { nextNumber } from '../../../platform/database/dialect.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import { insertRow, insertRows } from '../../../platform/database/prepared.ts'
import { indexDocument } from '../../../platform/database/search.ts'
import { newId } from '../../../platform/ids.ts'
import { Conflict, invalidField, type Problem } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findCategory, findQueue, getSettings, isUsableQueue, type QueueRow } from '../../desk/index.ts'
import { externalIdTaken, findUser } from '../../directory/index.ts'
import { announceNews, news } from '../change.ts'
import { messageCreated, participantAdded, ticketCreated } from '../events.ts'
import { peopleOf, requesterOf } from '../people.ts'
import type { SeenTicket, SignedMessage } from '../present.ts'
import type { TicketRow } from '../tables.ts'
import type { Text } from '../text.ts'
import { foldTag, type Priority, priorityRank, toPriority, waitingRank } from '../ticket.ts'
import { viewOf } from '../visibility.ts'
import { indexMessage, messageNews, newMessageRow, signed } from './post-message.ts'

export interface RaisedTicket {
  subject: string
  text: Text
  queue_id?: string | undefined
  category_id?: string | null | undefined
  priority?: Priority | undefined
  tags?: readonly string[] | undefined
  requester?: { email: string; name?: string | undefined } | undefined
  cc?: readonly string[] | undefined
  external_id?: string | undefined
  metadata?: Record<string, string> | undefined
}

/** A ticket that was just raised, with its first message. */
export interface Raised {
  ticket: SeenTicket
  message: SignedMessage
  /** Whether the one who raised it sees it from now on. */
  is_visible: boolean
}

/** Raises a ticket: for oneself, or as staff for somebody who may have no account yet. */
export async function raiseTicket(tx: Tx, actor: Actor, raised: RaisedTicket): Promise<Raised> {
  const queue_id = await usableQueueId(tx, actor, raised.queue_id)
  if (raised.category_id) await requireCategory(tx, raised.category_id)
  const requester = await requesterOf(tx, actor, raised.requester)
  const cc = await peopleOf(tx, actor, raised.cc ?? [])
  return insertTicket(tx, actor, {
    subject: raised.subject.trim(),
    text: raised.text,
    queue_id,
    category_id: raised.category_id ?? null,
    priority: priorityRank(raised.priority ?? 'normal'),
    requester_id: requester.id,
    organization_id: requester.organization_id,
    tags: [...new Set((raised.tags ?? []).map(foldTag))].sort(),
    cc: cc.filter((id) => id !== requester.id),
    external_id: raised.external_id ?? null,
    metadata: raised.metadata ?? {},
    follow_up_of_id: null,
    client_id: undefined,
    addressed_ticket_id: null,
  })
}

interface Inserted
  extends Pick<
    TicketRow,
    'subject' | 'queue_id' | 'category_id' | 'priority' | 'requester_id' | 'organization_id' | 'external_id' | 'follow_up_of_id'
  > {
  text: Text
  tags: string[]
  cc: string[]
  metadata: Record<string, string>
  client_id: string | undefined
  /** The ticket that the first message was written to, when it is another one. */
  addressed_ticket_id: string | null
}

/** Writes a new ticket with its first message, its tags and its people, and announces them. */
export async function insertTicket(tx: Tx, actor: Actor, given: Inserted): Promise<Raised> {
  const ticket = { ...newTicketRow(tx, given, await nextNumber(tx.db, 'ticket_numbers')), last_seq: 2 + given.cc.length }
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
  const message = newMessageRow(tx, actor, {
    ticket,
    text: given.text,
    visibility: 'public',
    client_id: given.client_id,
    addressed_ticket_id: given.addressed_ticket_id ?? id,
    seq: 2,
  })
  await insertRow(tx.db, 'messages', message)
  await indexDocument(tx.db, 'ticket_search', { id, owner_id: id, visibility: 'public', text: ticket.subject, replaces: false })
  await indexMessage(tx, message)
  announceNews(tx, actor, {
    ticket,
    firstSeq: 1,
    announce: [
      news(ticketCreated, { visibility: 'public', data: createdFacts(ticket) }),
      messageNews(messageCreated, message),
      ...given.cc.map((user_id) => news(participantAdded, { visibility: 'public', data: { user_id, role: 'cc' } })),
    ],
  })
  const participants = given.cc.map((user_id) => ({ user_id, role: 'cc' as const }))
  // Staff may file for others where they do not look themselves: they are answered the public side.
  const view = viewOf({ ...ticket, participants }, actor)
  return { ticket: { ...ticket, view: view ?? 'requester' }, message: signed(message, actor), is_visible: view !== null }
}

function newTicketRow(tx: Tx, given: Inserted, number: number): TicketRow {
  const { text: _, tags, cc: __, metadata, client_id: ___, addressed_ticket_id: ____, ...columns } = given
  const status = { status: 'new', status_category: 'new' as const, assignee_id: null, deleted_at: null }
  return {
    id: newId('tkt'),
    number,
    ...columns,
    ...status,
    waiting_rank: waitingRank({ ...status, priority: given.priority }),
    tags: toJson(tags),
    channel: 'api',
    metadata: toJson(metadata),
    pending_until: null,
    first_response_at: null,
    solved_at: null,
    closed_at: null,
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

function createdFacts({ number, requester_id, queue_id, status, priority, follow_up_of_id }: TicketRow) {
  return { number, requester_id, queue_id, status, priority: toPriority(priority), follow_up_of_id }
}

/** The queue that was asked for, if this actor may file into it, or the default queue. */
async function usableQueueId(tx: Tx, actor: Actor, queue_id: string | undefined): Promise<string> {
  if (queue_id === undefined) return defaultQueueId(tx)
  const queue = await usableQueue(tx, queue_id)
  if (queue && (isStaff(actor) || queue.public === 1)) return queue.id
  throw noSuchQueue()
}

/** The default queue as it is at this moment: another one may have become it, and this one gone, while somebody waited. */
export async function defaultQueueId(tx: Tx): Promise<string> {
  for (let i = 0; i < 5; i++) {
    const queue = await usableQueue(tx, (await getSettings(tx.db)).default_queue_id)
    if (queue) return queue.id
  }
  throw Conflict()
}

/** A queue that takes tickets; it stays so until the transaction ends. */
export async function usableQueue(tx: Tx, queue_id: string): Promise<QueueRow | undefined> {
  const queue = await findQueue(tx.db, queue_id, 'for share')
  return queue && isUsableQueue(queue) ? queue : undefined
}

export async function requireQueue(tx: Tx, queue_id: string): Promise<void> {
  if (!(await usableQueue(tx, queue_id))) throw noSuchQueue()
}

function noSuchQueue(): Problem {
  return invalidField('/queue_id', 'not_found', 'There is no such queue, or it takes no tickets.')
}

/** Whether a category can be given to a ticket; it stays so until the transaction ends. */
export async function isUsableCategory(tx: Tx, category_id: string): Promise<boolean> {
  const category = await findCategory(tx.db, category_id, 'for share')
  return category !== undefined && category.archived_at === null
}

export async function requireCategory(tx: Tx, category_id: string): Promise<void> {
  if (!(await isUsableCategory(tx, category_id))) throw invalidField('/category_id', 'not_found', 'There is no such category.')
}

/** An agent who can be given work. */
export async function requireAgent(tx: Tx, user_id: string, pointer: string): Promise<void> {
  const user = await findUser(tx.db, user_id)
  if (user?.active !== 1 || user.role === 'requester') throw invalidField(pointer, 'not_an_agent', 'This is not an active agent.')
}
