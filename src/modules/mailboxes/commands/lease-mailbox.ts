import { forUpdate, insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { MailboxCursorRow } from '../tables.ts'

/** Whoever reads a folder, and under which token. */
export interface Holding {
  mailbox_id: string
  folder: string
  token: string
}

/** Another node reads the mailbox by now, or it is to be read otherwise: whoever held it stops. */
export class MailboxLeaseLost extends Error {
  override name = 'MailboxLeaseLost'
}

/** Takes the right to read a folder for `leaseMs`; undefined while another node has it. */
export async function leaseMailbox(
  tx: Tx,
  { mailbox_id, folder, token, leaseMs }: Holding & { leaseMs: number },
): Promise<MailboxCursorRow | undefined> {
  const row = await lockCursor(tx, { mailbox_id, folder })
  if (row.lease_token !== null && row.lease_until > tx.now) return undefined
  const lease = { lease_token: token, lease_until: tx.now + leaseMs }
  await tx.db
    .updateTable('mailbox_cursors')
    .set(lease)
    .where('mailbox_id', '=', mailbox_id)
    .where('folder', '=', folder)
    .execute()
  return { ...row, ...lease }
}

async function lockCursor(tx: Tx, { mailbox_id, folder }: Pick<Holding, 'mailbox_id' | 'folder'>): Promise<MailboxCursorRow> {
  const query = tx.db.selectFrom('mailbox_cursors').selectAll().where('mailbox_id', '=', mailbox_id).where('folder', '=', folder)
  const found = await forUpdate(tx.db, query).executeTakeFirst()
  if (found) return found
  const row: MailboxCursorRow = {
    mailbox_id,
    folder,
    uidvalidity: null,
    last_uid: 0,
    lease_token: null,
    lease_until: 0,
    checked_at: null,
    last_error: null,
  }
  if (await insertIfAbsent(tx.db, 'mailbox_cursors', row)) return row
  return forUpdate(tx.db, query).executeTakeFirstOrThrow()
}

/** Keeps the right to read a folder for another `leaseMs`. Throws `MailboxLeaseLost`. */
export function renewMailboxLease(tx: Tx, { leaseMs, ...holding }: Holding & { leaseMs: number }): Promise<void> {
  return write(tx, holding, { lease_until: tx.now + leaseMs })
}

/** Gives the right to read a folder back; nothing happens where it was lost. */
export async function releaseMailbox(tx: Tx, holding: Holding): Promise<void> {
  try {
    await write(tx, holding, { lease_token: null, lease_until: 0 })
  } catch (error) {
    if (!(error instanceof MailboxLeaseLost)) throw error
  }
}

/** Says how far a folder has been read: every mail up to `last_uid` is kept. Throws `MailboxLeaseLost`. */
export function moveCursor(
  tx: Tx,
  { uidvalidity, last_uid, ...holding }: Holding & { uidvalidity: string; last_uid: number },
): Promise<void> {
  return write(tx, holding, { uidvalidity, last_uid })
}

/** Says that the folder was looked at, and what was wrong with it; null where nothing was. Throws `MailboxLeaseLost`. */
export function rememberLook(tx: Tx, { trouble, ...holding }: Holding & { trouble: string | null }): Promise<void> {
  return write(tx, holding, { checked_at: tx.now, last_error: trouble?.slice(0, 1000).toWellFormed() ?? null })
}

async function write(
  tx: Tx,
  { mailbox_id, folder, token }: Holding,
  changes: Partial<Omit<MailboxCursorRow, 'mailbox_id' | 'folder'>>,
): Promise<void> {
  const { numUpdatedRows } = await tx.db
    .updateTable('mailbox_cursors')
    .set(changes)
    .where('mailbox_id', '=', mailbox_id)
    .where('folder', '=', folder)
    .where('lease_token', '=', token)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) throw new MailboxLeaseLost('another node reads this mailbox now')
}
