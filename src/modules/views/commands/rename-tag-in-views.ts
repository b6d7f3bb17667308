import type { Actor } from '../../../platform/actor.ts'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { withTagRenamed } from '../filters.ts'
import { writeView } from './update-view.ts'

const BATCH = 200

/**
 * Gives a tag another name in the filters of the views behind `after`, so many at a time; answers where to go on, null at the end.
 * Twice is the same as once: then nothing asks for the old name any more.
 */
export async function renameTagInViews(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { after, ...names }: { from: string; to: string; after: string },
): Promise<string | null> {
  const next = tx.db.selectFrom('views').selectAll().where('id', '>', after).orderBy('id').limit(BATCH)
  const rows = await forUpdate(tx.db, next).execute()
  for (const row of rows) {
    const filters = withTagRenamed(fromJson(row.filters), names)
    if (filters) await writeView(tx, actor, { row: { ...row, filters: toJson(filters) }, changed: ['filters'] })
  }
  return rows.length < BATCH ? null : (rows.at(-1)?.id ?? null)
}
