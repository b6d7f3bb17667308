import { type Actor, isStaff } from '../../platform/actor.ts'
import { indexDocument } from '../../platform/database/search.ts'
import { newId } from '../../platform/ids.ts'
import type { Tx } from '../../platform/transaction.ts'
import { type News, news } from './change.ts'
import type { messageCreated } from './events.ts'
import type { SignedMessage } from './present.ts'
import type { MessageRow, TicketRow } from './tables.ts'
import type { Text } from './text.ts'

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

export function signed(message: MessageRow, actor: Actor): SignedMessage {
  return { ...message, author_name: actor.name, author_role: isStaff(actor) ? 'agent' : 'requester' }
}
