import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { withTagRenamed } from '../filters.ts'
import { savedList } from '../queries.ts'
import { writeView } from './update-view.ts'

const BATCH = 200

/** Gives a tag another name in a batch of the views that look for it; answers where the next one begins, null after the last. */
export async function renameTagInViews(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { names, after }: { names: { from: string; to: string }; after: string },
): Promise<string | null> {
  const looking = tx.db.selectFrom('views').selectAll().where('filters', 'like', '%"tag":%').where('id', '>', after)
  const rows = await forUpdate(tx.db, looking.orderBy('id').limit(BATCH)).execute()
  for (const row of rows) {
    const { filters } = savedList(row)
    const renamed = withTagRenamed(filters, names)
    if (renamed !== filters) await writeView(tx, actor, { row: { ...row, filters: toJson(renamed) }, changed: ['filters'] })
  }
  return rows.length === BATCH ? (rows.at(-1)?.id ?? null) : null
}
