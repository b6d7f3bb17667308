import type { Static } from 'typebox'
import { toJson } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, externalIdTaken } from '../../directory/index.ts'
import { faultOfParent, isArchived } from '../category.ts'
import { categoryCreated } from '../events.ts'
import type { NewCategory } from '../schema.ts'
import type { CategoryRow } from '../tables.ts'
import { readTree, wrongParent } from './read-tree.ts'
import { setCategoryQueues } from './set-category-queues.ts'

/** Makes a category, at the top or under another one that is in use. */
export async function createCategory(
  tx: Tx,
  actor: Announcement['actor'],
  { name, parent_id = null, queue_ids = [], external_id = null, metadata = {} }: Static<typeof NewCategory>,
): Promise<CategoryRow> {
  const tree = await readTree(tx)
  const fault = faultOfParent(tree, { id: null, parent_id })
  if (fault) throw wrongParent(fault)
  if (isArchived(tree, parent_id)) throw wrongParent('archived')

  const row: CategoryRow = {
    id: newId('cat'),
    name,
    parent_id,
    external_id,
    metadata: toJson(metadata),
    archived_at: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (!(await insertIfAbsent(tx.db, 'categories', row))) throw externalIdTaken()
  if (queue_ids.length > 0) await setCategoryQueues(tx, { category_id: row.id, queue_ids })
  announce(tx, categoryCreated, { actor, row, data: { parent_id } })
  return row
}
