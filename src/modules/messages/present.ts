import type { Static } from 'typebox'
import { toTime, toTimeOrNull } from '../../platform/codecs.ts'
import { type AttachmentRow, toAttachment } from '../attachments/index.ts'
import type { Message, MessageRevision } from './schema.ts'
import type { MessageRevisionRow, MessageRow } from './tables.ts'

/** A message's row with what is shown of its author. */
export interface SignedMessage extends MessageRow {
  author_name: string | null
  author_role: string | null
  /** Those that may be shown with it. */
  attachments: readonly AttachmentRow[]
}

export function toMessage(row: SignedMessage): Static<typeof Message> {
  return {
    id: row.id,
    object: 'message',
    ticket_id: row.ticket_id,
    author: { id: row.author_id, name: row.author_name ?? 'Beckon', kind: authorKind(row) },
    visibility: row.visibility,
    body: row.body,
    body_html: row.body_html,
    channel: row.channel,
    mail: row.mail_trust === null ? null : { trust: row.mail_trust },
    attachments: row.attachments.map(toAttachment),
    client_id: row.client_id,
    edited_at: toTimeOrNull(row.edited_at),
    retracted_at: toTimeOrNull(row.retracted_at),
    redacted_at: toTimeOrNull(row.redacted_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/** A message with what its mail said beside it; of one that was retracted nothing is told. */
export function toMessageWithQuote(row: SignedMessage): Static<typeof Message> {
  const message = toMessage(row)
  if (message.mail === null) return message
  return { ...message, mail: { ...message.mail, quoted: row.retracted_at === null ? row.quoted : null } }
}

export function toRevision(row: MessageRevisionRow): Static<typeof MessageRevision> {
  return {
    id: row.id,
    object: 'message_revision',
    message_id: row.message_id,
    body: row.body,
    // Written from an Actor.
    replaced_by: { type: row.replaced_by_type as 'user', id: row.replaced_by_id },
    replaced_at: toTime(row.replaced_at),
    version: row.version,
  }
}

function authorKind({ author_type, author_role }: SignedMessage): 'requester' | 'agent' | 'api_key' | 'system' {
  if (author_type !== 'user') return author_type
  return author_role === 'requester' ? 'requester' : 'agent'
}
