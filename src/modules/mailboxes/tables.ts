declare module '../../platform/database/schema.ts' {
  interface Schema {
    mailboxes: MailboxRow
    mailbox_cursors: MailboxCursorRow
    sending_domains: SendingDomainRow
  }
}

/** A support address: mail to it becomes tickets of its queue, and mail about tickets of that queue leaves from it. */
export interface MailboxRow {
  id: string
  address: string
  address_key: string
  name: string
  queue_id: string
  signature: string
  enabled: number
  plus_addressing: number
  trusted_authserv_id: string | null
  imap_host: string | null
  imap_port: number | null
  imap_security: 'implicit' | 'starttls' | 'none' | null
  imap_user: string | null
  /** Sealed, see `mailbox-password.ts`. */
  imap_password: string | null
  imap_folder: string | null
  /** What becomes of mail that was taken in: `keep`, `seen`, `delete` or `move:FOLDER`. */
  imap_after: string | null
  /** Mail that arrived before is not taken in; null: all is. */
  imap_since: number | null
  created_at: number
  updated_at: number
  version: number
}

/** How far a folder has been read over IMAP, and which node reads it at present. */
export interface MailboxCursorRow {
  mailbox_id: string
  folder: string
  uidvalidity: string | null
  last_uid: number
  lease_token: string | null
  lease_until: number
  checked_at: number | null
  last_error: string | null
}

/** A domain whose outgoing mail is signed (DKIM, RFC 6376). */
export interface SendingDomainRow {
  id: string
  domain: string
  selector: string
  private_key: string
  public_key: string
  enabled: number
  created_at: number
  updated_at: number
  version: number
}
