import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { lifecycleDeleted } from '../events.ts'
import type { IsLifecycleInUse } from '../in-use.ts'
import { LifecycleInUse } from '../problems.ts'
import { forgetLifecycles } from '../queries.ts'
import { lockLifecycle } from './lock-lifecycle.ts'
import { updateLifecycle } from './update-lifecycle.ts'

/** Takes a lifecycle away; one that queues have had only goes out of use: their tickets may still be in it. */
export async function deleteLifecycle(
  tx: Tx,
  actor: Announcement['actor'],
  what: { lifecycle_id: string; if_match: readonly string[] | undefined; isInUse: IsLifecycleInUse },
): Promise<void> {
  const row = await lockLifecycle(tx, what)
  if (await what.isInUse(tx.db, row.id)) throw LifecycleInUse()
  if (row.used_at !== null) {
    await updateLifecycle(tx, actor, { ...what, changes: { archived: true }, if_match: undefined })
    return
  }
  await tx.db.deleteFrom('lifecycles').where('id', '=', row.id).execute()
  announce(tx, lifecycleDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
  tx.afterCommit(() => forgetLifecycles(tx.db))
}
