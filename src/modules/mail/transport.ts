import { toHeaderLine } from './mail.ts'

/** From whom to whom a mail goes, whatever its headers say: always one recipient (RFC 5321 §3.3). */
export interface Envelope {
  from: string
  to: string
}

/** A mail as it goes out, byte for byte. */
export interface RawMail {
  envelope: Envelope
  raw: Buffer
  /** Calls it back while the message has not been handed over whole; afterwards only the answer counts. */
  signal?: AbortSignal | undefined
}

/** How a mail was taken. */
export interface Accepted {
  kind: 'accepted'
  smtp_code: number | null
  enhanced_code: string | null
  response: string
  /** The Message-ID that the server put in the place of ours, with its brackets: some do. */
  replaced_header_id?: string
}

/**
 * Why a mail was not taken. `connection`: there was no talking with the server, or it wants none of our mail for now, whoever it is for;
 * `temporary`: not this mail, not now; `permanent`: not this mail, never.
 */
export interface Failure {
  kind: 'connection' | 'temporary' | 'permanent'
  /** What it was said of. */
  stage: 'connection' | 'sign-in' | 'sender' | 'recipient' | 'message'
  smtp_code: number | null
  /** RFC 3463 */
  enhanced_code: string | null
  response: string
}

export type Outcome = Accepted | Failure

/** A way for mail to leave. */
export interface Transport {
  /** How many mails it can send at a time. */
  connections: number
  /** Hands a mail over. Never rejects for what a server or a network does. */
  send(mail: RawMail): Promise<Outcome>
  close(): void
}

export const RESPONSE_MAX = 500

/** What a server said, as it may be kept and shown: one line, bounded. */
export function toResponse(text: string): string {
  return toHeaderLine(text).slice(0, RESPONSE_MAX)
}

/** The enhanced status code (RFC 3463) at the beginning of an SMTP reply (RFC 2034 §4), or null. */
export function enhancedCodeIn(response: string): string | null {
  return /^[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response.trim())?.[1] ?? null
}
