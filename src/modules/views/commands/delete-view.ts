import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { viewDeleted } from '../events.ts'
import { canChange } from '../policy.ts'
import { getVisibleView } from '../queries.ts'

/** Takes a view away; its tickets stay. */
export async function deleteView(
  tx: Tx,
  actor: Actor,
  { view_id, if_match }: { view_id: string; if_match: readonly string[] | undefined },
): Promise<void> {
  const row = await getVisibleView(tx.db, actor, view_id, 'for update')
  if (!canChange(actor, row)) throw Forbidden({ detail: 'Only its owner and admins delete a view.' })
  requireMatch(if_match, `v${row.version}`, row.version)
  await tx.db.deleteFrom('views').where('id', '=', row.id).execute()
  announce(tx, viewDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}
