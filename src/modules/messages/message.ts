import { type Actor, isStaff } from '../../platform/actor.ts'
import { type News, news } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { AttachmentRow } from '../attachments/index.ts'
import { messageCreated, type messageEdited } from './events.ts'
import { placeOf } from './place.ts'
import type { SignedMessage } from './present.ts'
import type { MessageRow } from './tables.ts'
import type { Text } from './text.ts'

/** On which side of a ticket somebody stands: staff sees notes and everything internal, a requester only the public side. */
export type View = 'staff' | 'requester'

/** What somebody posts, and where. */
export interface NewMessage {
  ticket: { id: string }
  text: Text
  visibility: 'public' | 'internal'
  client_id?: string | undefined
  /** Its author's own uploads. */
  attachment_ids?: readonly string[] | undefined
  addressed_ticket_id: string
  /** What its ticket's row gave out for it. */
  number: number
  mail?: MessageMail | undefined
}

/** What a message that came by mail is. */
export type MessageMail = Pick<MessageRow, 'quoted' | 'mail_quiet'> & { mail_trust: NonNullable<MessageRow['mail_trust']> }

const NO_MAIL = { channel: 'api', mail_trust: null, mail_quiet: null, quoted: null }

/** A message's row as its author posts it now. */
export function newMessageRow(tx: Tx, actor: Actor, given: NewMessage): MessageRow {
  return {
    id: newId('msg'),
    ticket_id: given.ticket.id,
    addressed_ticket_id: given.addressed_ticket_id,
    place: placeOf(given.number),
    author_type: actor.type,
    author_id: actor.id,
    visibility: given.visibility,
    body: given.text.body,
    body_html: given.text.body_html,
    ...(given.mail ? { channel: 'mail', ...given.mail } : NO_MAIL),
    client_id: given.client_id ?? null,
    attachment_count: given.attachment_ids?.length ?? 0,
    edited_at: null,
    retracted_at: null,
    redacted_at: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
}

/** What is announced of a new message; never its text. */
export function newMessageNews(message: MessageRow): News {
  const told = messageNews(messageCreated, message)
  const { ticket_id, addressed_ticket_id } = message
  return addressed_ticket_id === ticket_id ? told : { ...told, data: { ...told.data, addressed_ticket_id } }
}

/** What is announced of a message; never its text. */
export function messageNews(
  event: typeof messageCreated | typeof messageEdited,
  { id, author_id, visibility, version }: MessageRow,
): News {
  return news(event, { visibility, data: { message_id: id, author_id, visibility }, subject: { type: 'message', id, version } })
}

export function signed(message: MessageRow, actor: Actor, attachments: readonly AttachmentRow[]): SignedMessage {
  return { ...message, attachments, author_name: actor.name, author_role: isStaff(actor) ? 'agent' : 'requester' }
}
