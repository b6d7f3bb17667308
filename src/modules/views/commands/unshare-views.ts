import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { writeView } from './update-view.ts'

const BATCH = 200

/** Makes views that were shared with a team private again; answers whether there may be more of them. */
export async function unshareViews(tx: Tx, actor: Pick<Actor, 'type' | 'id'>, team_id: string): Promise<boolean> {
  const shared = tx.db.selectFrom('views').selectAll().where('team_id', '=', team_id).orderBy('id').limit(BATCH)
  const rows = await forUpdate(tx.db, shared).execute()
  for (const row of rows)
    await writeView(tx, actor, {
      row: { ...row, visibility: 'private', team_id: null },
      changed: ['visibility', 'team_id'],
    })
  return rows.length === BATCH
}
