import { ImapFlow } from 'imapflow'
import type { Secrets } from '../../platform/secrets.ts'
import { type MailboxRow, openPassword } from '../mailboxes/index.ts'

/** Where a mailbox is read, its password open. */
export interface ImapServer {
  host: string
  port: number
  security: 'implicit' | 'starttls' | 'none'
  user: string
  password: string
  folder: string
  after: string
  since: number | null
}

const CONNECT_MS = 20_000
const GREETING_MS = 15_000
// Longer than the longest silence of ours: the folder is looked at every two minutes.
const SILENCE_MS = 300_000
/** A mail comes in pieces of this size; most come in one. */
export const CHUNK_BYTES = 1_048_576

/** Where the mail of a mailbox is fetched from; undefined where it is not. Throws where the password cannot be opened. */
export function imapServerOf(mailbox: MailboxRow, secrets: Pick<Secrets, 'key'>): ImapServer | undefined {
  const { id, imap_host, imap_port, imap_security, imap_user, imap_password } = mailbox
  if (imap_host === null || imap_port === null || imap_security === null || imap_user === null || imap_password === null)
    return undefined
  return {
    host: imap_host,
    port: imap_port,
    security: imap_security,
    user: imap_user,
    password: openPassword(secrets, { id, imap_password }),
    folder: mailbox.imap_folder ?? 'INBOX',
    after: mailbox.imap_after ?? 'keep',
    since: mailbox.imap_since,
  }
}

/** A client of a mail server, not connected yet. With `starttls` it refuses to go on in clear text. */
export function createImapClient({ host, port, security, user, password }: ImapServer): ImapFlow {
  return new ImapFlow({
    host,
    port,
    secure: security === 'implicit',
    ...(security === 'implicit' ? {} : { doSTARTTLS: security === 'starttls' }),
    auth: { user, pass: password },
    clientInfo: { name: 'Beckon' },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    // What a server may make us keep in memory: a piece of a mail, its header, or a list of a hundred thousand numbers.
    maxLineLength: 16 * CHUNK_BYTES,
    maxLiteralSize: 16 * CHUNK_BYTES,
    maxResponseSize: 64 * CHUNK_BYTES,
  })
}
