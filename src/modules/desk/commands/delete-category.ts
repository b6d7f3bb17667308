import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, type IsInUse } from '../../directory/index.ts'
import { childrenOf, hasChildInUse } from '../category.ts'
import { categoryDeleted } from '../events.ts'
import { CategoryHasChildren } from '../problems.ts'
import { lockCategory } from './lock-category.ts'
import { readTree } from './read-tree.ts'
import { updateCategory } from './update-category.ts'

/** Takes a category away; one that tickets have, or that others stood under, only goes out of use. */
export async function deleteCategory(
  tx: Tx,
  actor: Announcement['actor'],
  what: { category_id: string; if_match: readonly string[] | undefined; isInUse: IsInUse },
): Promise<void> {
  const tree = await readTree(tx)
  const row = await lockCategory(tx, what)
  if (hasChildInUse(tree, row.id)) throw CategoryHasChildren()
  if (childrenOf(tree, row.id).length > 0 || (await what.isInUse(tx.db, row.id))) {
    await updateCategory(tx, actor, { category_id: row.id, changes: { archived: true }, if_match: undefined })
    return
  }
  await tx.db.deleteFrom('category_queues').where('category_id', '=', row.id).execute()
  await tx.db.deleteFrom('categories').where('id', '=', row.id).execute()
  announce(tx, categoryDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}
