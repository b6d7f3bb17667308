declare module '../../platform/database/schema.ts' {
  interface Schema {
    outbox_mails: OutboxMailRow
    mail_keys: MailKeyRow
    mail_references: MailReferenceRow
  }
}

/** A mail that was kept because no mail server is set up: the development outbox. */
export interface OutboxMailRow {
  /** Derives from the delivery, so that a second try keeps no second mail. */
  id: string
  to_address: string
  subject: string
  text: string
  html: string | null
  /** JSON of what else stands in its head, by name; null for a mail that was kept before there was such a thing. */
  headers: string | null
  created_at: number
}

/** A generation of the key that signs reply addresses and Message-IDs; the key itself derives from BECKON_SECRET and the number. */
export interface MailKeyRow {
  id: number
  created_at: number
  retired_at: number | null
}

/** A Message-ID that stands for a ticket: of a mail that came in, or of one that went out. */
export interface MailReferenceRow {
  id: string
  header_key: string
  header: string
  mailbox_id: string | null
  ticket_id: string
  message_id: string | null
  user_id: string | null
  direction: 'in' | 'out'
  created_at: number
}
