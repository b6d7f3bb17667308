import { toBool, toTime, toTimeOrNull } from '../../platform/codecs.ts'
import type { Mailbox, MailboxStatus, SendingDomain } from './schema.ts'
import { recordOf } from './sending-domain.ts'
import type { MailboxCursorRow, MailboxRow, SendingDomainRow } from './tables.ts'

/** A mailbox without its password. */
export function toMailbox(row: MailboxRow): Mailbox {
  return {
    id: row.id,
    object: 'mailbox',
    address: row.address,
    name: row.name,
    queue_id: row.queue_id,
    signature: row.signature,
    enabled: toBool(row.enabled),
    plus_addressing: toBool(row.plus_addressing),
    trusted_authserv_id: row.trusted_authserv_id,
    imap: toImap(row),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

function toImap(row: MailboxRow): Mailbox['imap'] {
  const { imap_host: host, imap_port: port, imap_security: security, imap_user: user } = row
  if (host === null || port === null || security === null || user === null) return null
  return {
    host,
    port,
    security,
    user,
    folder: row.imap_folder ?? 'INBOX',
    after: row.imap_after ?? 'keep',
    since: toTimeOrNull(row.imap_since),
    has_password: row.imap_password !== null,
  }
}

/** How far a mailbox has been read, and what is wrong with it. */
export function toStatus(row: MailboxRow, cursor: MailboxCursorRow | undefined, now: number): MailboxStatus {
  return {
    object: 'mailbox_status',
    mailbox_id: row.id,
    state: stateOf(row, cursor, now),
    folder: row.imap_folder,
    last_uid: cursor?.uidvalidity == null ? null : cursor.last_uid,
    checked_at: toTimeOrNull(cursor?.checked_at ?? null),
    last_error: cursor?.last_error ?? null,
  }
}

function stateOf(row: MailboxRow, cursor: MailboxCursorRow | undefined, now: number): MailboxStatus['state'] {
  if (row.imap_host === null || row.imap_password === null || !toBool(row.enabled)) return 'off'
  if (cursor === undefined) return 'waiting'
  if (cursor.last_error !== null) return 'failing'
  return cursor.lease_token !== null && cursor.lease_until > now ? 'reading' : 'waiting'
}

/** A domain and what is to be published for it; never its private key. */
export function toSendingDomain(row: SendingDomainRow): SendingDomain {
  return {
    id: row.id,
    object: 'sending_domain',
    domain: row.domain,
    selector: row.selector,
    enabled: toBool(row.enabled),
    dns: recordOf(row),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}
