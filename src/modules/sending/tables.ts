declare module '../../platform/database/schema.ts' {
  interface Schema {
    outbound_mails: OutboundMailRow
    suppressions: SuppressionRow
  }
}

export const outboundStates = ['queued', 'sending', 'sent', 'deferred', 'bounced', 'failed', 'suppressed', 'cancelled'] as const
export type OutboundState = (typeof outboundStates)[number]

/** One mail to one recipient. What it says is written when it leaves, and kept nowhere. */
export interface OutboundMailRow {
  id: string
  dedupe_key: string
  kind: string
  automatic: number
  mailbox_id: string | null
  ticket_id: string | null
  message_id: string | null
  event_id: string | null
  user_id: string | null
  to_address: string
  to_key: string
  to_domain: string
  header_id: string
  header_key: string
  content: string
  state: OutboundState
  reason: string | null
  attempts: number
  due_at: number
  lease_token: string | null
  smtp_code: number | null
  enhanced_code: string | null
  response: string | null
  sent_at: number | null
  request_id: string | null
  created_at: number
  updated_at: number
  version: number
}

/** An address that gets no mail. */
export interface SuppressionRow {
  id: string
  address: string
  address_key: string
  reason: 'hard_bounce' | 'complaint' | 'manual'
  detail: string | null
  outbound_mail_id: string | null
  created_at: number
  updated_at: number
  version: number
}
