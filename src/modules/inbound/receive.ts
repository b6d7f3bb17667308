import type { Readable } from 'node:stream'
import type { InboundSource } from './tables.ts'

/** A mail on its way in, through whichever door. */
export interface ArrivingMail {
  source: InboundSource
  /** What the door calls it, unique for ever, such as a mailbox with UIDVALIDITY and UID; null where it has no name. */
  source_ref: string | null
  /** The mailbox that it came to; null where no mailbox has the address. */
  mailbox_id: string | null
  /** MAIL FROM, without angle brackets; '' is a bounce, null where the door does not know. */
  envelope_from: string | null
  /** RCPT TO. */
  envelope_to: string[]
  /** The mail as it is, RFC 5322. */
  content: Readable
  /** The mail has so many bytes, more than this desk takes: `content` is its header only, and it is kept in quarantine. */
  left_out?: number
}

/**
 * Keeps a mail: when this resolves it is synced, its row is committed, and it may be acknowledged. `copy`: it was there already.
 * Throws `mail_too_large`, `storage_full`, `storage_unavailable` and what the database says; then nothing is kept.
 */
export type Receive = (arrived: ArrivingMail) => Promise<{ id: string; copy: boolean }>
