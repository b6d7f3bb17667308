import type { Actor } from '../../../platform/actor.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Conflict, Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { StatusDefinition } from '../../workflow/index.ts'
import { changeTicket, type News } from '../change.ts'
import { messageCreated } from '../events.ts'
import { indexMessage, messageNews, newMessageRow, signed } from '../message.ts'
import { canWork, isOwner } from '../policy.ts'
import type { SeenTicket, SignedMessage } from '../present.ts'
import { TicketClosed } from '../problems.ts'
import { findByClientId, getVisibleTicket, type TicketReference } from '../queries.ts'
import { changeStatus } from '../status.ts'
import type { TicketRow } from '../tables.ts'
import type { Text } from '../text.ts'
import { statusAfterRequesterReply, statusAfterStaffAct, ticketEtag } from '../ticket.ts'
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
    const status = given.wakes === false ? undefined : statusAfter(ticket, isRequesterSide)
    if (status) {
      const change = changeStatus(ticket, status, tx.now)
      Object.assign(set, change.set)
      announce.push(...change.announce)
    }
  }
  const changed = await changeTicket(tx, actor, ticket, { set, announce })
  return { message: signed(message, actor), ticket: changed }
}

function statusAfter(ticket: SeenTicket, isRequesterSide: boolean): StatusDefinition | undefined {
  return isRequesterSide ? statusAfterRequesterReply(ticket) : statusAfterStaffAct(ticket)
}
