import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { type FieldError, invalidFields } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'

/**
 * Makes these the files that something keeps, such as a macro: those that it kept before, and uploads of the actor's own, which no
 * message can name then. What it kept and does not any more is an upload again, and goes with the sweep. Throws 422 with a pointer
 * to each that cannot be kept.
 */
export async function keepAttachments(
  tx: Tx,
  actor: Actor,
  { keeper_id, ids, pointer }: { keeper_id: string; ids: readonly string[]; pointer: string },
): Promise<void> {
  if (ids.length > 0) await take(tx, actor, { keeper_id, ids, pointer })
  const dropped = tx.db.updateTable('attachments').set({ kept_by: null }).where('kept_by', '=', keeper_id)
  await (ids.length > 0 ? dropped.where('id', 'not in', ids) : dropped).execute()
}

async function take(
  tx: Tx,
  actor: Actor,
  { keeper_id, ids, pointer }: { keeper_id: string; ids: readonly string[]; pointer: string },
): Promise<void> {
  const asked = tx.db.selectFrom('attachments').selectAll().where('id', 'in', ids).orderBy('id')
  const rows = await forUpdate(tx.db, asked).execute()
  const usable = rows.filter(
    ({ kept_by, uploader_id, message_id }) =>
      kept_by === keeper_id || (kept_by === null && uploader_id === actor.id && message_id === null),
  )
  const states = new Map(usable.map(({ id, scan_state }) => [id, scan_state]))
  const errors = ids.flatMap((id, i): FieldError[] => {
    const at = { pointer: `${pointer}/${i}` }
    const state = states.get(id)
    if (state === undefined)
      return [{ ...at, code: 'not_found', detail: 'This is no upload of yours, or it is in use elsewhere.' }]
    return state === 'infected' ? [{ ...at, code: 'infected', detail: 'This file holds something harmful.' }] : []
  })
  if (errors.length > 0) throw invalidFields(errors)
  await tx.db.updateTable('attachments').set({ kept_by: keeper_id }).where('id', 'in', ids).execute()
}
