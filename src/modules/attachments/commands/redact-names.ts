import { forUpdate } from '../../../platform/database/dialect.ts'
import { redacted } from '../../../platform/redaction.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { cleanFileName } from '../file-name.ts'
import type { AttachmentRow } from '../tables.ts'

/** Takes a passage out of the names of a message's attachments, whose ticket's row is locked; answers those that had it. */
export async function redactAttachmentNames(
  tx: Tx,
  { message_id, passage }: { message_id: string; passage: string },
): Promise<AttachmentRow[]> {
  const rows = await forUpdate(tx.db, tx.db.selectFrom('attachments').selectAll().where('message_id', '=', message_id)).execute()
  const changed: AttachmentRow[] = []
  for (const row of rows) {
    // Names are kept composed, whatever the message is.
    const without = redacted(redacted(row.name, passage), passage.normalize('NFC'))
    if (without === row.name) continue
    const name = cleanFileName(without)
    const written = { name, version: row.version + 1, updated_at: tx.now }
    await tx.db.updateTable('attachments').set(written).where('id', '=', row.id).execute()
    changed.push({ ...row, ...written })
  }
  return changed
}
