declare module '../../platform/database/schema.ts' {
  interface Schema {
    inbound_mails: InboundMailRow
  }
}

export const inboundStates = ['received', 'parsed', 'routed', 'applied', 'ignored', 'quarantined', 'failed'] as const
export type InboundState = (typeof inboundStates)[number]
export const inboundSources = ['imap', 'smtp', 'http', 'mailgun', 'postmark'] as const
export type InboundSource = (typeof inboundSources)[number]

/** A mail that came in. Its bytes are kept in the mail store under `storage_key`. */
export interface InboundMailRow {
  id: string
  mailbox_id: string | null
  source: InboundSource
  source_ref: string | null
  storage_key: string
  size: number
  sha256: string
  dedupe_key: string
  copies: number
  header_id: string | null
  header_key: string | null
  from_address: string | null
  from_key: string | null
  envelope_from: string | null
  envelope_to: string
  subject: string | null
  sent_at: number | null
  classification: string | null
  state: InboundState
  reason: string | null
  explain: string
  attempts: number
  due_at: number
  lease_token: string | null
  last_error: string | null
  ticket_id: string | null
  message_id: string | null
  user_id: string | null
  received_at: number
  created_at: number
  updated_at: number
  version: number
}
