import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Conflict, Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findByClientId, type SignedMessage, type Text } from '../../messages/index.ts'
import {
  addMessage,
  canWork,
  getVisibleTicket,
  isOwner,
  openFollowUp,
  type SeenTicket,
  TicketClosed,
  type TicketReference,
  ticketEtag,
} from '../../tickets/index.ts'
import { discardPosted } from './discard-draft.ts'
import { heedMentions } from './heed-mentions.ts'
import { lockMentioned } from './link-mentioned.ts'

export interface NewMessage {
  ticket: TicketReference
  text: Text
  visibility: 'public' | 'internal'
  client_id?: string | undefined
  /** The author's own uploads. */
  attachment_ids?: readonly string[] | undefined
  /** The version of its author's draft in this ticket that the message was made of. */
  draft_version?: number | undefined
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
  { ticket: reference, draft_version, if_match, ...given }: NewMessage,
): Promise<Posted> {
  const { text, visibility, client_id } = given
  await lockMentioned(tx, actor, { ticket: reference, body: text.body })
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  const first = client_id === undefined ? undefined : await findByClientId(tx.db, { author_id: actor.id, ticket, client_id })
  if (first) {
    // A note that he wrote while he worked here stays hidden now that he sees the public side only.
    if (first.visibility === 'internal' && !canWork(ticket))
      throw Conflict({ detail: 'This client_id is taken. Choose another one.' })
    return { message: first, ticket: await getVisibleTicket(tx.db, actor, first.ticket_id), was_there: true }
  }
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.view === 'staff' ? ticket.version : ticket.public_version)
  if (visibility === 'internal' && !canWork(ticket)) throw Forbidden()
  const posted = await write(tx, actor, { ticket, ...given })
  if (draft_version !== undefined) await discardPosted(tx, actor, { ticket, version: draft_version })
  return { ...posted, was_there: false }
}

async function write(
  tx: Tx,
  actor: Actor,
  { ticket, text, visibility, client_id, attachment_ids }: Omit<NewMessage, 'ticket'> & { ticket: SeenTicket },
): Promise<Omit<Posted, 'was_there'>> {
  if (ticket.status_category === 'closed' && visibility === 'public') {
    if (!isOwner(actor, ticket)) throw TicketClosed({ members: { allowed: [] } })
    return openFollowUp(tx, actor, { closed: ticket, text, client_id, attachment_ids })
  }
  const posted = await addMessage(tx, actor, {
    ticket,
    text,
    visibility,
    client_id,
    attachment_ids,
    addressed_ticket_id: ticket.id,
  })
  return { message: posted.message, ticket: await heedMentions(tx, actor, posted) }
}
