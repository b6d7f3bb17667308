import type { Actor } from '../../../platform/actor.ts'
import { forShare, insertIfAbsent } from '../../../platform/database/dialect.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import { Conflict } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { attachmentUploaded } from '../events.ts'
import type { AttachmentRow, FileRow } from '../tables.ts'

/** A content that lies in the store under a key of its own, and what its uploader calls it. */
export interface Uploaded extends Omit<FileRow, 'created_at'>, Pick<AttachmentRow, 'name' | 'content_type' | 'scan_state'> {}

/**
 * Writes down what somebody uploaded. Where the same content is kept already, that one counts: `is_new` says whether the upload's own
 * key is needed.
 */
export async function createAttachment(
  tx: Tx,
  actor: Actor,
  { storage_key, ...uploaded }: Uploaded,
): Promise<{ row: AttachmentRow; is_new: boolean }> {
  const { sha256, size } = uploaded
  const is_new = await insertIfAbsent(tx.db, 'files', { sha256, storage_key, size, created_at: tx.now })
  if (!is_new) {
    // Held, so that the sweep does not take it before the new row is there.
    const kept = await forShare(tx.db, tx.db.selectFrom('files').select('sha256').where('sha256', '=', sha256)).executeTakeFirst()
    if (!kept) throw Conflict()
  }
  const row: AttachmentRow = {
    id: newId('att'),
    ...uploaded,
    uploader_type: actor.type,
    uploader_id: actor.id,
    message_id: null,
    position: 0,
    kept_by: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await insertRow(tx.db, 'attachments', row)
  announce(tx, attachmentUploaded, { actor, row, data: { content_type: row.content_type, size } })
  return { row, is_new }
}
