/** A mail as its composer writes it when it leaves. Names and subjects may hold anything: what would end a header is taken out. */
export interface Letter {
  from: { name: string; address: string }
  reply_to: string | null
  to: { name: string; address: string }
  subject: string
  text: string
  html: string | null
  /** A Message-ID with its brackets. */
  in_reply_to: string | null
  /** Message-IDs with their brackets, the oldest first. */
  references: string[]
  /** RFC 3834 §5 */
  auto_submitted: 'no' | 'auto-generated' | 'auto-replied'
  /** RFC 2369 and, for the URL, one click as in RFC 8058. */
  list_unsubscribe: { url: string; mailto: string | null } | null
  /** The language of its text, BCP 47. */
  language: string
  /** Files that go along; one with a `cid` is shown within the HTML. */
  attachments?: { name: string; content_type: string; content: Buffer; cid?: string }[]
}
