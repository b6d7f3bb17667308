import type { Actor } from '../../../platform/actor.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { ownUploads } from '../queries.ts'
import type { AttachmentRow } from '../tables.ts'

/** Gives a new message its author's own uploads, each of which only one message can name; in their order. */
export async function nameAttachments(
  tx: Tx,
  actor: Actor,
  { message_id, attachment_ids }: { message_id: string; attachment_ids: readonly string[] },
): Promise<AttachmentRow[]> {
  if (attachment_ids.length === 0) return []
  const found = new Map((await ownUploads(tx.db, actor, attachment_ids, 'for update')).map((row) => [row.id, row]))
  const named: AttachmentRow[] = []
  for (const [position, id] of attachment_ids.entries()) {
    const row = found.get(id)
    const pointer = `/attachment_ids/${position}`
    if (!row) throw invalidField(pointer, 'not_found', 'This is no upload of yours, or it is in use elsewhere.')
    if (row.scan_state === 'infected') throw invalidField(pointer, 'infected', 'This file holds something harmful.')
    const set = { message_id, position, updated_at: tx.now, version: row.version + 1 }
    await tx.db.updateTable('attachments').set(set).where('id', '=', id).execute()
    named.push({ ...row, ...set })
  }
  return named
}
