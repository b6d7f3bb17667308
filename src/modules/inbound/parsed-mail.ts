/** An address as a mail names it. */
export interface MailAddress {
  name: string
  /** As it was written; '' where there is none. */
  address: string
}

/** A file of a mail. `content_id` is there where its HTML may show it (RFC 2392), without the angle brackets. */
export interface ParsedFile {
  name: string
  content_type: string
  content_id: string | null
  inline: boolean
  content: Uint8Array<ArrayBuffer>
}

/** A mail, read within limits, in a thread of its own. Texts are Unicode without NUL; every list is bounded. */
export interface ParsedMail {
  /** With angle brackets, as it stands; null where it has none. */
  message_id: string | null
  in_reply_to: string[]
  /** The oldest first. */
  references: string[]
  from: MailAddress[]
  sender: MailAddress | null
  reply_to: MailAddress[]
  to: MailAddress[]
  cc: MailAddress[]
  /** Delivered-To, X-Original-To, Envelope-To. */
  delivered_to: string[]
  return_path: string | null
  subject: string
  date: number | null
  /** The header fields that decide, their names in lower case, each with its values from top to bottom. */
  headers: Record<string, string[]>
  /** The whole text, plain. */
  text: string
  /** What its author wrote this time: `text` without the quote. */
  reply: string
  /** What was cut off; null where nothing was. */
  quoted: string | null
  /** Its HTML without anything that runs, loads or leaks; null where there is none. Images within it are `cid:` links. */
  html: string | null
  /** The reply's part of the HTML, where it could be told; null: show `reply`. */
  reply_html: string | null
  files: ParsedFile[]
  /** The parts of a delivery report (RFC 3464), where it is one: per-recipient fields, and the headers of what is returned. */
  report: DeliveryReport | null
  /** What was left out because of a limit: `files`, `text`, `html`, `headers`. */
  cut: string[]
}

/** A delivery status notification (RFC 3464). */
export interface DeliveryReport {
  recipients: { address: string; action: string; status: string; diagnostic: string | null }[]
  /** The Message-ID of the mail that it is about. */
  original_message_id: string | null
}
