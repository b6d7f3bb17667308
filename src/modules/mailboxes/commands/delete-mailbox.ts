import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { mailboxDeleted } from '../events.ts'
import { lockMailbox } from './lock-mailbox.ts'

/** Takes a support address away. What came through it stays, and so does the mail on its server. */
export async function deleteMailbox(
  tx: Tx,
  actor: Announcement['actor'],
  what: { mailbox_id: string; if_match: readonly string[] | undefined },
): Promise<void> {
  const { id, version } = await lockMailbox(tx, what)
  await tx.db.deleteFrom('mailbox_cursors').where('mailbox_id', '=', id).execute()
  await tx.db.deleteFrom('mailboxes').where('id', '=', id).execute()
  announce(tx, mailboxDeleted, { actor, row: { id, version: version + 1 }, data: {} })
}
