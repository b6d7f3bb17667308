import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Conflict, Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findByClientId, type MessageMail, type SignedMessage, type Text } from '../../messages/index.ts'
import {
  addMessage,
  canWork,
  findConversation,
  getVisibleTicket,
  isOwner,
  openFollowUp,
  type SeenTicket,
  TicketClosed,
  TicketMerged,
  type TicketReference,
  ticketEtag,
} from '../../tickets/index.ts'
import { discardPosted } from './discard-draft.ts'
import { heedMentions } from './heed-mentions.ts'
import { lockMentioned } from './link-mentioned.ts'
import { requireLastMessage } from './require-last-message.ts'

export interface NewMessage {
  ticket: TicketReference
  text: Text
  visibility: 'public' | 'internal'
  client_id?: string | undefined
  /** The author's own uploads. */
  attachment_ids?: readonly string[] | undefined
  /** The version of its author's draft in this ticket that the message was made of. */
  draft_version?: number | undefined
  /** The last message that its author sees, as far as he knows; null: none. */
  expected_last_message_id?: string | null | undefined
  /** Where it came by mail. */
  mail?: MessageMail | undefined
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
 * in a follow-up; the first public answer of staff opens a new ticket. What is written to a merged ticket goes where that went.
 */
export async function postMessage(
  tx: Tx,
  actor: Actor,
  { ticket: reference, draft_version, if_match, ...given }: NewMessage,
): Promise<Posted> {
  const { text, client_id } = given
  await lockMentioned(tx, actor, { ticket: reference, body: text.body })
  const addressed = await getVisibleTicket(tx.db, actor, reference, 'for update')
  const first =
    client_id === undefined ? undefined : await findByClientId(tx.db, { author_id: actor.id, ticket: addressed, client_id })
  if (first) return { ...(await requireStillSeen(tx, actor, first)), was_there: true }
  const { view } = addressed
  requireMatch(if_match, ticketEtag(addressed, view), view === 'staff' ? addressed.version : addressed.public_version)
  const posted = await write(tx, actor, { addressed, ...given })
  if (draft_version !== undefined) await discardPosted(tx, actor, { ticket: addressed, version: draft_version })
  return { ...posted, was_there: false }
}

async function write(
  tx: Tx,
  actor: Actor,
  { addressed, expected_last_message_id, ...given }: Omit<NewMessage, 'ticket'> & { addressed: SeenTicket },
): Promise<Omit<Posted, 'was_there'>> {
  const ticket = await findConversation(tx.db, actor, addressed, 'for update')
  if (given.visibility === 'internal') {
    if (!canWork(ticket ?? addressed)) throw Forbidden({ detail: 'Only who works on the ticket writes notes.' })
    if (!ticket) throw TicketMerged({ members: { merged_into_id: addressed.merged_into_id } })
  } else if (!ticket || ticket.status_category === 'closed') {
    // Where it was merged into a ticket that he does not see, or that is closed, he goes on from the one that he wrote to.
    if (!isOwner(actor, addressed)) throw TicketClosed({ members: { allowed: [] } })
    await requireLastMessage(tx, ticket ?? addressed, expected_last_message_id)
    return openFollowUp(tx, actor, { closed: addressed, ...given })
  }
  await requireLastMessage(tx, ticket, expected_last_message_id)
  const posted = await addMessage(tx, actor, { ticket, ...given, addressed_ticket_id: addressed.id })
  return { message: posted.message, ticket: await heedMentions(tx, actor, posted) }
}

/** A message that its author posted before, with the ticket that holds it now. */
async function requireStillSeen(tx: Tx, actor: Actor, message: SignedMessage): Promise<Omit<Posted, 'was_there'>> {
  const ticket = await getVisibleTicket(tx.db, actor, message.ticket_id)
  // A note that he wrote while he worked there stays hidden now that he sees the public side only.
  if (message.visibility === 'internal' && !canWork(ticket))
    throw Conflict({ detail: 'This client_id is taken. Choose another one.' })
  return { message, ticket }
}
