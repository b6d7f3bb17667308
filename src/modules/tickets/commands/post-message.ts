import { type Actor, isStaff } from '../../../platform/actor.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { indexDocument } from '../../../platform/database/search.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { newId } from '../../../platform/ids.ts'
import { Conflict, Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket, type News, news } from '../change.ts'
import { messageCreated, ticketStatusChanged } from '../events.ts'
import { canWork, isOwner } from '../policy.ts'
import type { SeenTicket, SignedMessage } from '../present.ts'
import { TicketClosed } from '../problems.ts'
import { findByClientId, getVisibleTicket, type TicketReference } from '../queries.ts'
import type { MessageRow, TicketRow } from '../tables.ts'
import type { Text } from '../text.ts'
import { enterStatus, statusAfterRequesterReply, statusAfterStaffAct, ticketEtag } from '../ticket.ts'
import { openFollowUp } from './open-follow-up.ts'

export interface NewMessage {
  ticket: TicketReference
  text: Text
  visibility: 'public' | 'internal'
  client_id?: string | undefined
  /** The ticket as its author read it. */
  if_match?: readonly string[] | undefined
}

export interface Posted {
  message: SignedMessage
  /** The ticket that holds the message, as its author sees it now. */
  ticket: SeenTicket
  /** Whether the message was there before: its author has posted it under the same client_id. */
  was_there: boolean
}

/**
 * Posts a public reply or an internal note. A requester's reply wakes a pending or solved ticket and continues a closed one
 * in a follow-up; the first public answer of staff opens a new ticket.
 */
export async function postMessage(
  tx: Tx,
  actor: Actor,
  { ticket: reference, text, visibility, client_id, if_match }: NewMessage,
): Promise<Posted> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  const first =
    client_id === undefined ? undefined : await findByClientId(tx.db, { author_id: actor.id, ticket_id: ticket.id, client_id })
  if (first) {
    // A note that he wrote while he worked here stays hidden now that he sees the public side only.
    if (first.visibility === 'internal' && !canWork(ticket))
      throw Conflict({ detail: 'This client_id is taken. Choose another one.' })
    return { message: first, ticket: await getVisibleTicket(tx.db, actor, first.ticket_id), was_there: true }
  }
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.view === 'staff' ? ticket.version : ticket.public_version)
  if (visibility === 'internal' && !canWork(ticket)) throw Forbidden()
  if (ticket.status_category === 'closed' && visibility === 'public') {
    if (!isOwner(actor, ticket)) throw TicketClosed({ members: { allowed: [] } })
    return { ...(await openFollowUp(tx, actor, { closed: ticket, text, client_id })), was_there: false }
  }
  return {
    ...(await addMessage(tx, actor, { ticket, text, visibility, client_id, addressed_ticket_id: ticket.id })),
    was_there: false,
  }
}

/** Adds a message to a ticket whose row is locked and which takes it. */
export async function addMessage(
  tx: Tx,
  actor: Actor,
  given: {
    ticket: SeenTicket
    text: Text
    visibility: 'public' | 'internal'
    client_id?: string | undefined
    addressed_ticket_id: string
    /** False for a last word with which the ticket closes anyway. */
    wakes?: boolean
  },
): Promise<{ message: SignedMessage; ticket: SeenTicket }> {
  const { ticket, visibility } = given
  const isRequesterSide = ticket.view === 'requester' || isOwner(actor, ticket)
  const message = newMessageRow(tx, actor, { ...given, seq: ticket.last_seq + 1 })
  await insertRow(tx.db, 'messages', message)
  await indexMessage(tx, message)

  const set: Partial<TicketRow> = { message_count: ticket.message_count + 1, last_message_at: tx.now }
  const announce: News[] = [messageNews(messageCreated, message)]
  if (visibility === 'public') {
    set.public_message_count = ticket.public_message_count + 1
    set.public_last_message_at = tx.now
    if (!isRequesterSide && ticket.first_response_at === null) set.first_response_at = tx.now
    const from = ticket.status_category
    const status = given.wakes === false ? from : isRequesterSide ? statusAfterRequesterReply(from) : statusAfterStaffAct(from)
    if (status !== from) {
      Object.assign(set, enterStatus(status, ticket, tx.now))
      announce.push(statusNews(ticket, status))
    }
  }
  const changed = await changeTicket(tx, actor, ticket, { set, announce })
  return { message: signed(message, actor), ticket: changed }
}

/** A message's row as its author posts it now. */
export function newMessageRow(
  tx: Tx,
  actor: Actor,
  given: {
    ticket: Pick<TicketRow, 'id'>
    text: Text
    visibility: 'public' | 'internal'
    client_id?: string | undefined
    addressed_ticket_id: string
    seq: number
  },
): MessageRow {
  return {
    id: newId('msg'),
    ticket_id: given.ticket.id,
    addressed_ticket_id: given.addressed_ticket_id,
    seq: given.seq,
    author_type: actor.type,
    author_id: actor.id,
    visibility: given.visibility,
    body: given.text.body,
    body_html: given.text.body_html,
    channel: 'api',
    client_id: given.client_id ?? null,
    edited_at: null,
    retracted_at: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
}

export async function indexMessage(tx: Tx, { id, ticket_id, visibility, body }: MessageRow, replaces = false): Promise<void> {
  await indexDocument(tx.db, 'ticket_search', { id, owner_id: ticket_id, visibility, text: body, replaces })
}

/** What is announced of a message; never its text. */
export function messageNews(event: typeof messageCreated, { id, author_id, visibility, version }: MessageRow): News {
  return news(event, { visibility, data: { message_id: id, author_id, visibility }, subject: { type: 'message', id, version } })
}

export function statusNews(before: Pick<TicketRow, 'status' | 'status_category'>, status: TicketRow['status_category']): News {
  return news(ticketStatusChanged, {
    visibility: 'public',
    data: { status, status_category: status },
    previous: { status: before.status, status_category: before.status_category },
  })
}

export function signed(message: MessageRow, actor: Actor): SignedMessage {
  return { ...message, author_name: actor.name, author_role: isStaff(actor) ? 'agent' : 'requester' }
}
