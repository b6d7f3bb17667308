import type { Static } from 'typebox'
import { isDuplicate } from '../../../platform/database/errors.ts'
import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, changedKeys, externalIdTaken, mergeMetadata } from '../../directory/index.ts'
import { archivedAt } from '../archived.ts'
import { faultOfParent, hasChildInUse, isArchived, type Tree } from '../category.ts'
import { categoryArchived, categoryUpdated } from '../events.ts'
import { CategoryHasChildren, ParentArchived } from '../problems.ts'
import { queuesOfCategories, toCategory } from '../queries/categories.ts'
import type { CategoryPatch } from '../schema.ts'
import type { CategoryRow } from '../tables.ts'
import { lockCategory } from './lock-category.ts'
import { readTree, wrongParent } from './read-tree.ts'
import { setCategoryQueues } from './set-category-queues.ts'

/** Changes or moves a category, takes it out of use or brings it back. Nothing is written where nothing differs. */
export async function updateCategory(
  tx: Tx,
  actor: Announcement['actor'],
  what: { category_id: string; changes: Static<typeof CategoryPatch>; if_match: readonly string[] | undefined },
): Promise<CategoryRow> {
  const tree = await readTree(tx)
  const row = await lockCategory(tx, what)
  const { name = row.name, parent_id = row.parent_id, external_id = row.external_id, archived, metadata } = what.changes
  const columns = {
    name,
    parent_id,
    external_id,
    metadata: metadata === undefined ? row.metadata : mergeMetadata(row.metadata, metadata),
    archived_at: archivedAt(row, { archived, now: tx.now }),
    updated_at: tx.now,
    version: row.version + 1,
  }
  const next = { ...row, ...columns }
  const queues = (await queuesOfCategories(tx.db, [row.id])).get(row.id) ?? []
  const wanted = what.changes.queue_ids
  const queue_ids = wanted ? await setCategoryQueues(tx, { category_id: row.id, queue_ids: wanted }) : queues
  const changed = changedKeys(
    toCategory(row, { actor: staffView, queue_ids: queues }),
    toCategory(next, { actor: staffView, queue_ids }),
  )
  if (changed.length === 0) return row
  requirePlace(tree, { row, next })
  try {
    await tx.db.updateTable('categories').set(columns).where('id', '=', row.id).execute()
  } catch (error) {
    throw isDuplicate(error) ? externalIdTaken() : error
  }
  if (row.archived_at === null && next.archived_at !== null)
    announce(tx, categoryArchived, { actor, row: next, data: { changed } })
  else announce(tx, categoryUpdated, { actor, row: next, data: { changed, parent_id } })
  return next
}

const staffView = { role: 'admin' } as const

/** No category stands under itself, and what is in use stands under nothing that is not: requesters see the line whole. */
function requirePlace(tree: Tree, { row, next }: { row: CategoryRow; next: CategoryRow }): void {
  const isMoved = next.parent_id !== row.parent_id
  const fault = isMoved ? faultOfParent(tree, next) : undefined
  if (fault) throw wrongParent(fault)
  if (next.archived_at === null && isArchived(tree, next.parent_id)) throw isMoved ? wrongParent('archived') : ParentArchived()
  if (next.archived_at !== null && hasChildInUse(tree, row.id)) throw CategoryHasChildren()
}
