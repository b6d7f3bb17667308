import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { fieldDeleted } from '../events.ts'
import { forgetDefinitions } from '../queries/fields.ts'
import type { HasValues } from '../values.ts'
import { lockField } from './lock-field.ts'
import { updateField } from './update-field.ts'

/** Takes a field away; one of which tickets have values only goes out of use, and they keep them. */
export async function deleteField(
  tx: Tx,
  actor: Announcement['actor'],
  what: { field_id: string; if_match: readonly string[] | undefined; hasValues: HasValues },
): Promise<void> {
  const row = await lockField(tx, what)
  if (await what.hasValues(tx.db, { field_id: row.id })) {
    await updateField(tx, actor, { ...what, changes: { archived: true }, if_match: undefined })
    return
  }
  await tx.db.deleteFrom('fields').where('id', '=', row.id).execute()
  announce(tx, fieldDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
  forgetDefinitions(tx)
}
