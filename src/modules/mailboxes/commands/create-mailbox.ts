import type { Static } from 'typebox'
import { fromBool } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getSettings } from '../../desk/index.ts'
import { announce } from '../../directory/index.ts'
import { addressKey } from '../address.ts'
import { mailboxCreated } from '../events.ts'
import { mailboxAddressTaken } from '../problems.ts'
import type { NewMailbox } from '../schema.ts'
import type { MailboxRow } from '../tables.ts'
import { imapColumns, noImap } from './imap-columns.ts'
import { requireQueue } from './lock-mailbox.ts'
import { requireOwnFolder } from './require-folder.ts'

/** Makes a support address. */
export async function createMailbox(
  tx: Tx,
  actor: Announcement['actor'],
  { mailbox, secrets }: { mailbox: Static<typeof NewMailbox>; secrets: Pick<Secrets, 'key'> },
): Promise<MailboxRow> {
  const { address, name, signature = '', enabled = true, plus_addressing = true, trusted_authserv_id = null } = mailbox
  const queue_id = mailbox.queue_id ?? (await getSettings(tx.db)).default_queue_id
  await requireQueue(tx, queue_id)
  const id = newId('mbx')
  const row: MailboxRow = {
    id,
    address: address.trim(),
    address_key: addressKey(address),
    name,
    queue_id,
    signature,
    enabled: fromBool(enabled),
    plus_addressing: fromBool(plus_addressing),
    trusted_authserv_id,
    ...imapColumns(tx, { id, ...noImap }, mailbox.imap ?? null, secrets),
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await requireOwnFolder(tx, row)
  if (!(await insertIfAbsent(tx.db, 'mailboxes', row))) throw mailboxAddressTaken()
  announce(tx, mailboxCreated, { actor, row, data: { queue_id, enabled } })
  return row
}
