declare module '../../platform/database/schema.ts' {
  interface Schema {
    outbox_mails: OutboxMailRow
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
  created_at: number
}
