import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { invalidField, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue, isUsableQueue } from '../../desk/index.ts'
import type { MailboxRow } from '../tables.ts'

/** The mailbox, which nobody else changes until the transaction ends; 404 without it, 412 when it is not as the caller read it. */
export async function lockMailbox(
  tx: Tx,
  { mailbox_id, if_match }: { mailbox_id: string; if_match: readonly string[] | undefined },
): Promise<MailboxRow> {
  const row = await forUpdate(tx.db, tx.db.selectFrom('mailboxes').selectAll().where('id', '=', mailbox_id)).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  return row
}

/** Throws 422 unless mail can become tickets of this queue; it stays so until the transaction ends. */
export async function requireQueue(tx: Tx, queue_id: string): Promise<void> {
  const queue = await findQueue(tx.db, queue_id, 'for share')
  if (!queue) throw invalidField('/queue_id', 'not_found', 'There is no such queue.')
  if (!isUsableQueue(queue)) throw invalidField('/queue_id', 'archived', 'This queue takes no new tickets.')
}
