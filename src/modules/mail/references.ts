import { createHash } from 'node:crypto'
import { insertIfAbsent } from '../../platform/database/dialect.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { MailReferenceRow } from './tables.ts'

/** A Message-ID that from now on stands for a ticket. */
export type Reference = Pick<MailReferenceRow, 'header' | 'mailbox_id' | 'ticket_id' | 'message_id' | 'user_id' | 'direction'>

/** The longest Message-ID that is kept: RFC 5322 §2.1.1 lets no line be longer. */
const HEADER_MAX = 998
/** How many Message-IDs of one mail are looked up. */
const LOOKED_UP = 100

/** What a Message-ID is looked up by, with its angle brackets. */
export function headerKey(header: string): string {
  return createHash('sha256').update(header).digest('hex')
}

/** Keeps that a Message-ID stands for a ticket; the same twice is once. One that is longer than a line may be is not kept. */
export async function rememberReference(tx: Tx, { header, mailbox_id, ticket_id, ...rest }: Reference): Promise<void> {
  if (header.length > HEADER_MAX) return
  const row: MailReferenceRow = {
    id: headerKey(JSON.stringify([header, mailbox_id, ticket_id])),
    header_key: headerKey(header),
    header,
    mailbox_id,
    ticket_id,
    ...rest,
    created_at: tx.now,
  }
  await insertIfAbsent(tx.db, 'mail_references', row)
}

/** What these Message-IDs stand for, in their order; of one that stands for several tickets, the newest first. */
export async function findReferences(db: Reader, headers: readonly string[]): Promise<MailReferenceRow[]> {
  const keys = [...new Set(headers.slice(0, LOOKED_UP).map(headerKey))]
  if (keys.length === 0) return []
  const rows = await db.selectFrom('mail_references').selectAll().where('header_key', 'in', keys).execute()
  return rows.sort(
    (a, b) => keys.indexOf(a.header_key) - keys.indexOf(b.header_key) || b.created_at - a.created_at || (a.id < b.id ? -1 : 1),
  )
}

/** The Message-IDs of a ticket's mails, the newest last: what a mail about it refers to. At most `limit`. */
export async function referencesOf(db: Reader, ticket_id: string, limit = 20): Promise<MailReferenceRow[]> {
  const newest = db.selectFrom('mail_references').selectAll().where('ticket_id', '=', ticket_id)
  return (await newest.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()).reverse()
}

/** The mailbox that a ticket came by: that of the first mail which came in about it; null where it came another way. */
export async function mailboxOfTicket(db: Reader, ticket_id: string): Promise<string | null> {
  const rows = db.selectFrom('mail_references').select('mailbox_id').where('ticket_id', '=', ticket_id)
  const first = await rows.where('direction', '=', 'in').orderBy('created_at').orderBy('id').limit(1).executeTakeFirst()
  return first?.mailbox_id ?? null
}

/** Takes away what stands for a ticket that is no more. */
export async function forgetReferences(tx: Tx, ticket_id: string): Promise<void> {
  await tx.db.deleteFrom('mail_references').where('ticket_id', '=', ticket_id).execute()
}
