import type { Static } from 'typebox'
import { fromBool, toBool } from '../../../platform/codecs.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import type { Announcement } from '../../../platform/events.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys } from '../../directory/index.ts'
import { addressKey } from '../address.ts'
import { mailboxUpdated } from '../events.ts'
import { toMailbox } from '../present.ts'
import { mailboxAddressTaken } from '../problems.ts'
import type { MailboxPatch } from '../schema.ts'
import type { MailboxRow } from '../tables.ts'
import { imapColumns } from './imap-columns.ts'
import { lockMailbox, requireQueue } from './lock-mailbox.ts'
import { requireOwnFolder } from './require-folder.ts'

type Changes = Static<typeof MailboxPatch>

/** Changes a mailbox. Nothing is written or announced where nothing differs. */
export async function updateMailbox(
  tx: Tx,
  actor: Announcement['actor'],
  what: {
    mailbox_id: string
    changes: Changes
    if_match: readonly string[] | undefined
    secrets: Pick<Secrets, 'key'>
  },
): Promise<MailboxRow> {
  const { queue_id, imap } = what.changes
  // Before the mailbox, as a new one does it.
  if (queue_id !== undefined) await requireQueue(tx, queue_id)
  const row = await lockMailbox(tx, what)
  const imapAfter = imapColumns(tx, row, imap, what.secrets)
  const next: MailboxRow = { ...row, ...columnsAfter(row, what.changes), ...imapAfter }
  const changed = new Set(changedKeys(toMailbox(row), toMailbox(next)))
  if (next.imap_password !== row.imap_password) changed.add('imap')
  if (changed.size === 0) return row
  if (isAnotherFolder(row, next)) await requireOwnFolder(tx, next)

  const { id, created_at: _, ...columns } = { ...next, updated_at: tx.now, version: row.version + 1 }
  await write(tx, { id, columns })
  if (isAnotherFolder(row, next)) await tx.db.deleteFrom('mailbox_cursors').where('mailbox_id', '=', id).execute()
  const written = { ...next, ...columns }
  const data = { changed: [...changed], queue_id: written.queue_id, enabled: toBool(written.enabled) }
  announce(tx, mailboxUpdated, { actor, row: written, data })
  return written
}

function columnsAfter(row: MailboxRow, changes: Changes): Partial<MailboxRow> {
  const { address = row.address, name = row.name, queue_id = row.queue_id, signature = row.signature } = changes
  const { enabled, plus_addressing, trusted_authserv_id = row.trusted_authserv_id } = changes
  return {
    address: address.trim(),
    address_key: addressKey(address),
    name,
    queue_id,
    signature,
    enabled: enabled === undefined ? row.enabled : fromBool(enabled),
    plus_addressing: plus_addressing === undefined ? row.plus_addressing : fromBool(plus_addressing),
    trusted_authserv_id,
  }
}

/** Whether what was read so far says nothing about what is to be read from now on. */
function isAnotherFolder(before: MailboxRow, after: MailboxRow): boolean {
  const keys = ['imap_host', 'imap_user', 'imap_folder', 'imap_since'] as const
  return keys.some((key) => before[key] !== after[key])
}

async function write(tx: Tx, { id, columns }: { id: string; columns: Omit<MailboxRow, 'id' | 'created_at'> }): Promise<void> {
  try {
    await tx.db.updateTable('mailboxes').set(columns).where('id', '=', id).execute()
  } catch (error) {
    throw isDuplicate(error) ? mailboxAddressTaken() : error
  }
}
