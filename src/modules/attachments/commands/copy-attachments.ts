import type { Actor } from '../../../platform/actor.ts'
import { forShare } from '../../../platform/database/dialect.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import { Conflict } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { attachmentUploaded } from '../events.ts'
import { attachmentsKeptBy } from '../queries.ts'
import type { AttachmentRow } from '../tables.ts'

/**
 * Makes uploads of the actor's own out of files that something keeps, in their order, for a message of his: rows, which share the
 * contents. Undefined stands for one that is gone or harmful.
 */
export async function copyAttachments(
  tx: Tx,
  actor: Actor,
  { keeper_id, ids }: { keeper_id: string; ids: readonly string[] },
): Promise<(AttachmentRow | undefined)[]> {
  const kept = new Map((await attachmentsKeptBy(tx.db, [keeper_id], 'for share')).map((row) => [row.id, row]))
  const copies: (AttachmentRow | undefined)[] = []
  for (const id of ids) {
    const row = kept.get(id)
    copies.push(row && row.scan_state !== 'infected' ? await copy(tx, actor, row) : undefined)
  }
  return copies
}

async function copy(tx: Tx, actor: Actor, kept: AttachmentRow): Promise<AttachmentRow> {
  const file = tx.db.selectFrom('files').select('sha256').where('sha256', '=', kept.sha256)
  // Held, so that the sweep does not take it before the copy is there.
  if (!(await forShare(tx.db, file).executeTakeFirst())) throw Conflict()
  const { content_type, size } = kept
  const row: AttachmentRow = {
    ...kept,
    id: newId('att'),
    uploader_type: actor.type,
    uploader_id: actor.id,
    kept_by: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await insertRow(tx.db, 'attachments', row)
  // What nobody has looked at yet is looked at for the copy, too.
  announce(tx, attachmentUploaded, { actor, row, data: { content_type, size } })
  return row
}
