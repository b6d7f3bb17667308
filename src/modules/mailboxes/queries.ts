import type { Static } from 'typebox'
import { fromBool } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound } from '../../platform/problems.ts'
import { openSealed } from '../../platform/sealed.ts'
import type { Secrets } from '../../platform/secrets.ts'
import { getSettings } from '../desk/index.ts'
import { addressKey, addressKeys, domainLine } from './address.ts'
import { toMailbox, toSendingDomain } from './present.ts'
import type { Mailbox, MailboxQuery, SendingDomain } from './schema.ts'
import type { MailboxCursorRow, MailboxRow, SendingDomainRow } from './tables.ts'

/** What the keys of a domain are sealed with. */
export const DKIM_KEYS = 'dkim-keys'

/** What signs the mail of a domain (RFC 6376). */
export interface DkimKey {
  domain: string
  selector: string
  /** PKCS #8, PEM. */
  private_key: string
}

/** A mailbox, enabled or not. */
export async function findMailbox(db: Reader, id: string): Promise<MailboxRow | undefined> {
  return db.selectFrom('mailboxes').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The mailbox of an address, however it is written and whatever stands behind a `+`; enabled or not. */
export async function findMailboxByAddress(db: Reader, address: string): Promise<MailboxRow | undefined> {
  const keys = addressKeys(address)
  const rows = await db.selectFrom('mailboxes').selectAll().where('address_key', 'in', keys).execute()
  return rows.find(({ address_key }) => address_key === keys[0]) ?? rows[0]
}

/**
 * The mailbox that mail about tickets of a queue leaves from: the oldest enabled one of the queue, else that of the default queue.
 * Undefined where neither has one.
 */
export async function mailboxOfQueue(db: Reader, queue_id: string): Promise<MailboxRow | undefined> {
  const own = await oldestOf(db, queue_id)
  if (own) return own
  const { default_queue_id } = await getSettings(db)
  return default_queue_id === queue_id ? undefined : oldestOf(db, default_queue_id)
}

async function oldestOf(db: Reader, queue_id: string): Promise<MailboxRow | undefined> {
  return db
    .selectFrom('mailboxes')
    .selectAll()
    .where('queue_id', '=', queue_id)
    .where('enabled', '=', 1)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** What signs mail from an address of this domain: the key of the domain, else of the nearest above it; undefined without one. */
export async function dkimKeyOf(db: Reader, domain: string, secrets: Pick<Secrets, 'key'>): Promise<DkimKey | undefined> {
  const line = domainLine(addressKey(`@${domain}`).slice(1))
  const rows = await db.selectFrom('sending_domains').selectAll().where('domain', 'in', line).where('enabled', '=', 1).execute()
  const row = rows.sort((a, b) => b.domain.length - a.domain.length)[0]
  if (!row) return undefined
  const private_key = openSealed(secrets.key(DKIM_KEYS), row.private_key, row.id).toString('utf8')
  return { domain: row.domain, selector: row.selector, private_key }
}

/** The mailbox, or 404. */
export async function getMailbox(db: Reader, id: string): Promise<MailboxRow> {
  const row = await findMailbox(db, id)
  if (!row) throw NotFound()
  return row
}

/** The mailboxes that the filters of a list let through. */
export function filterMailboxes(db: Reader, { queue_id, enabled }: Static<typeof MailboxQuery>) {
  let rows = db.selectFrom('mailboxes').selectAll()
  if (queue_id !== undefined) rows = rows.where('queue_id', '=', queue_id)
  if (enabled !== undefined) rows = rows.where('enabled', '=', fromBool(enabled))
  return rows
}

/** Every mailbox, the oldest first. */
export async function listMailboxes(db: Reader): Promise<MailboxRow[]> {
  return db.selectFrom('mailboxes').selectAll().orderBy('id').execute()
}

/** Whether a queue has a mailbox. */
export async function hasMailbox(db: Reader, queue_id: string): Promise<boolean> {
  const first = db.selectFrom('mailboxes').select('id').where('queue_id', '=', queue_id).limit(1)
  return (await first.executeTakeFirst()) !== undefined
}

/** Those of these mailboxes that there are. */
export async function presentMailboxes(db: Reader, ids: readonly string[]): Promise<Mailbox[]> {
  return (await db.selectFrom('mailboxes').selectAll().where('id', 'in', ids).execute()).map(toMailbox)
}

/** The domain, or 404. */
export async function getSendingDomain(db: Reader, id: string): Promise<SendingDomainRow> {
  const row = await db.selectFrom('sending_domains').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw NotFound()
  return row
}

/** The sending domain of an address, its own or the nearest above; enabled or not. */
export async function findSendingDomain(db: Reader, domain: string): Promise<SendingDomainRow | undefined> {
  const line = domainLine(addressKey(`@${domain}`).slice(1))
  const rows = await db.selectFrom('sending_domains').selectAll().where('domain', 'in', line).execute()
  return rows.sort((a, b) => b.domain.length - a.domain.length)[0]
}

/** Those of these domains that there are. */
export async function presentSendingDomains(db: Reader, ids: readonly string[]): Promise<SendingDomain[]> {
  return (await db.selectFrom('sending_domains').selectAll().where('id', 'in', ids).execute()).map(toSendingDomain)
}

/** How far a mailbox has been read; undefined where nobody has begun. */
export async function cursorOf(
  db: Reader,
  { id, imap_folder }: Pick<MailboxRow, 'id' | 'imap_folder'>,
): Promise<MailboxCursorRow | undefined> {
  if (imap_folder === null) return undefined
  const query = db.selectFrom('mailbox_cursors').selectAll().where('mailbox_id', '=', id).where('folder', '=', imap_folder)
  return query.executeTakeFirst()
}
