import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../../platform/transaction.ts'
import type { AssignmentOrder } from '../../desk/index.ts'
import { NEVER_DUE, priorities } from '../ticket.ts'

const BATCH = 500

/** How far a line has been gone through. */
export interface LineCursor {
  status_category: 'new' | 'open'
  created_at: number
  id: string
}

/** Gives a batch of a queue's waiting tickets their place by another order; null when there are no more. */
export async function rerankLine(
  tx: Tx,
  { queue_id, order, cursor }: { queue_id: string; order: AssignmentOrder; cursor: LineCursor | null },
): Promise<{ cursor: LineCursor | null; processed: number }> {
  const { status_category, created_at, id } = cursor ?? { status_category: 'new' as const, created_at: 0, id: '' }
  const rows = await tx.db
    .selectFrom('tickets')
    .select(['id', 'created_at'])
    .where('queue_id', '=', queue_id)
    .where('status_category', '=', status_category)
    .where('waiting_rank', 'is not', null)
    .where(sql<boolean>`created_at >= ${created_at} and (created_at > ${created_at} or id > ${id})`)
    .orderBy('created_at')
    .orderBy('id')
    .limit(BATCH)
    .execute()
  const ids = rows.map((row) => row.id)
  if (ids.length > 0)
    await tx.db
      .updateTable('tickets')
      .set({ waiting_rank: rankExpression(order) })
      .where('id', 'in', ids)
      // Somebody may have taken it in the meantime, or moved it to a line of another order.
      .where('waiting_rank', 'is not', null)
      .where('queue_id', '=', queue_id)
      .execute()
  const last = rows.at(-1)
  if (last && rows.length === BATCH) return { cursor: { status_category, ...last }, processed: ids.length }
  const next = status_category === 'new' ? { status_category: 'open' as const, created_at: 0, id: '' } : null
  return { cursor: next, processed: ids.length }
}

/** `rankInLine` as the databases say it. */
function rankExpression(order: AssignmentOrder): RawBuilder<number> {
  const byPriority = sql<number>`${priorities.length} - priority`
  switch (order) {
    case 'age':
      return sql<number>`0`
    case 'priority':
      return byPriority
    case 'due':
      return sql<number>`(case when due_at is null then 0 else due_at - ${NEVER_DUE} end) * 4 + (${byPriority})`
  }
}
