import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { attachmentDeleted } from '../events.ts'
import { canDelete } from '../policy.ts'
import { findAttachment, getVisibleAttachment, type Readership } from '../queries.ts'
import type { AttachmentRow } from '../tables.ts'

/** Those who hold messages. */
export interface MessageKeeper extends Readership {
  /** Locks a message by its ticket, for a change; 404 when the actor does not read it. */
  hold(tx: Tx, actor: Actor, message_id: string): Promise<void>
  /** Says that a message that is held lost an attachment. */
  lost(tx: Tx, actor: Actor, message_id: string): Promise<void>
}

/**
 * Removes an attachment for ever: its uploader while no message names it, an admin also afterwards. Its content goes with the sweep,
 * unless other attachments share it.
 */
export async function deleteAttachment(
  tx: Tx,
  actor: Actor,
  { id, if_match, keeper }: { id: string; if_match: readonly string[] | undefined; keeper: MessageKeeper },
): Promise<void> {
  const seen = await getVisibleAttachment(tx.db, actor, { id, readership: keeper })
  if (!canDelete(actor, seen))
    throw Forbidden({ detail: 'It is removed by its uploader while no message names it, and by an admin.' })
  // Tickets are locked before everything else.
  if (seen.message_id !== null) await keeper.hold(tx, actor, seen.message_id)
  const row = await findAttachment(tx.db, id, 'for update')
  if (row?.message_id !== seen.message_id) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  await removeAttachment(tx, actor, row)
  if (row.message_id !== null) await keeper.lost(tx, actor, row.message_id)
}

/** Removes a locked row, and says so. */
export async function removeAttachment(tx: Tx, actor: Pick<Actor, 'type' | 'id'>, row: AttachmentRow): Promise<void> {
  const { id, version, message_id } = row
  await tx.db.deleteFrom('attachments').where('id', '=', id).execute()
  announce(tx, attachmentDeleted, { actor, row: { id, version: version + 1 }, data: { message_id } })
}
