declare module '../../platform/database/schema.ts' {
  interface Schema {
    messages: MessageRow
    message_revisions: MessageRevisionRow
  }
}

export interface MessageRow {
  id: string
  ticket_id: string
  /** The ticket that its author wrote to: another one when the message opened a follow-up, or has moved since. */
  addressed_ticket_id: string
  /** Where it stands in the conversation, see `placeOf`. */
  place: number
  author_type: 'user' | 'api_key' | 'system'
  author_id: string
  visibility: 'public' | 'internal'
  body: string
  body_html: string
  channel: string
  client_id: string | null
  /** How many attachments it has: where there are none, nobody looks for them. */
  attachment_count: number
  edited_at: number | null
  retracted_at: number | null
  /** When an admin last took a passage out of it. */
  redacted_at: number | null
  /** How a message that came by mail is to be taken; null where it came another way. */
  mail_trust: 'verified' | 'unverified' | 'auto_reply' | null
  /** Whom no mail goes to because of it: nothing automatic to its author, or nothing to anybody; null: as usual. */
  mail_quiet: 'sender' | 'all' | null
  /** What its mail said beside it: the quote and what else was cut off. */
  quoted: string | null
  created_at: number
  updated_at: number
  version: number
}

const besideText: Record<Exclude<keyof MessageRow, 'body' | 'body_html' | 'quoted'>, true> = {
  id: true,
  ticket_id: true,
  addressed_ticket_id: true,
  place: true,
  author_type: true,
  author_id: true,
  visibility: true,
  channel: true,
  client_id: true,
  attachment_count: true,
  edited_at: true,
  retracted_at: true,
  redacted_at: true,
  mail_trust: true,
  mail_quiet: true,
  created_at: true,
  updated_at: true,
  version: true,
}

/** Every column of a message but what it says, which may be long. */
// The record has each of these names, and no other.
export const columnsBesideText = Object.keys(besideText) as (keyof typeof besideText)[]

/** A message as it was before an edit or a retraction, without what was redacted; for staff. */
export interface MessageRevisionRow {
  id: string
  message_id: string
  version: number
  body: string
  replaced_by_type: string
  replaced_by_id: string
  replaced_at: number
}
