declare module '../../platform/database/schema.ts' {
  interface Schema {
    notification_preferences: NotificationPreferencesRow
    digest_items: DigestItemRow
    mail_templates: MailTemplateRow
  }
}

/** What somebody wants to hear by mail, and when. */
export interface NotificationPreferencesRow {
  user_id: string
  /** JSON: a way for each kind of which they said one. */
  choices: string
  /** How they hear of new tickets in their queues; null for not at all: found by it. */
  new_tickets: 'at_once' | 'digest' | null
  quiet_from: string | null
  quiet_until: string | null
  digest_at: string | null
  created_at: number
  updated_at: number
  version: number
}

/** Something that waits for its person's next digest. */
export interface DigestItemRow {
  id: string
  user_id: string
  event_id: string
  kind: string
  ticket_id: string
  message_id: string | null
  due_at: number
  outbound_mail_id: string | null
  created_at: number
}

/** What an admin has put in place of the built-in wording; null keeps that. `queue_id` is `*` for all queues, `locale` `*` for all languages. */
export interface MailTemplateRow {
  id: string
  kind: string
  queue_id: string
  locale: string
  subject: string | null
  greeting: string | null
  body: string | null
  signature: string | null
  created_at: number
  updated_at: number
  version: number
}
