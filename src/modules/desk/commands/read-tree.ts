import { invalidField, type Problem } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { DEEPEST, type Fault, type Tree } from '../category.ts'
import { lockSettings } from './lock-settings.ts'

/** All categories as they are, and as they stay until the transaction ends unless it changes them itself. */
export async function readTree(tx: Tx): Promise<Tree> {
  await lockSettings(tx)
  const rows = await tx.db.selectFrom('categories').select(['id', 'parent_id', 'archived_at']).execute()
  return new Map(rows.map(({ id, parent_id, archived_at }) => [id, { parent_id, is_archived: archived_at !== null }]))
}

const SENTENCES: Record<Fault | 'archived', string> = {
  not_found: 'There is no such category.',
  archived: 'This category is out of use.',
  cycle: 'A category cannot stand under itself.',
  too_deep: `At most ${DEEPEST} categories may stand above one another.`,
}

/** 422 for a place in the tree that cannot be. */
export function wrongParent(fault: Fault | 'archived'): Problem {
  return invalidField('/parent_id', fault, SENTENCES[fault])
}
