import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { MailboxRow } from '../tables.ts'

type Place = Pick<MailboxRow, 'id' | 'imap_host' | 'imap_user' | 'imap_folder'>

/**
 * Throws 422 where another mailbox reads the same folder: each mail in it would become two tickets. Two who say so at the same moment both
 * get their way; then each takes in every mail, and none is lost.
 */
export async function requireOwnFolder(tx: Tx, { id, imap_host, imap_user, imap_folder }: Place): Promise<void> {
  if (imap_host === null || imap_user === null || imap_folder === null) return
  const others = await tx.db
    .selectFrom('mailboxes')
    .select(['address', 'imap_host', 'imap_folder'])
    .where('imap_user', '=', imap_user)
    .where('id', '!=', id)
    .execute()
  const host = imap_host.toLowerCase()
  const other = others.find((one) => one.imap_host?.toLowerCase() === host && sameFolder(one.imap_folder, imap_folder))
  if (other) throw invalidField('/imap/folder', 'taken', `The mailbox ${other.address} reads this folder.`)
}

/** `INBOX` is the one name whose case does not count (RFC 9051 §5.1). */
function sameFolder(one: string | null, other: string): boolean {
  return one === other || (one?.toUpperCase() === 'INBOX' && other.toUpperCase() === 'INBOX')
}
