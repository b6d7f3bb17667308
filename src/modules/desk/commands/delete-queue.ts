import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, type IsInUse } from '../../directory/index.ts'
import { queueDeleted } from '../events.ts'
import { DefaultQueue, FallbackQueue, QueueHasMailbox } from '../problems.ts'
import { isNamedByCategories } from '../queries/categories.ts'
import { isFallback } from '../queries/queues.ts'
import { lockQueue } from './lock-queue.ts'
import { lockSettings } from './lock-settings.ts'
import { updateQueue } from './update-queue.ts'

/**
 * Takes a queue away; one that tickets are in, or that a routing rule names, only goes out of use. So does one that a category is
 * for: without it the category would be for all.
 */
export async function deleteQueue(
  tx: Tx,
  actor: Announcement['actor'],
  what: { queue_id: string; if_match: readonly string[] | undefined; isInUse: IsInUse; hasMailbox: IsInUse },
): Promise<void> {
  const settings = await lockSettings(tx)
  const row = await lockQueue(tx, what)
  if (settings.default_queue_id === row.id) throw DefaultQueue()
  if (await isFallback(tx.db, row.id)) throw FallbackQueue()
  if (await what.hasMailbox(tx.db, row.id)) throw QueueHasMailbox()
  if ((await what.isInUse(tx.db, row.id)) || (await isNamedByCategories(tx.db, row.id))) {
    const { hasMailbox } = what
    await updateQueue(tx, actor, { queue_id: row.id, changes: { archived: true }, if_match: undefined, hasMailbox })
    return
  }
  await tx.db.deleteFrom('queue_teams').where('queue_id', '=', row.id).execute()
  await tx.db.deleteFrom('queues').where('id', '=', row.id).execute()
  announce(tx, queueDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}
