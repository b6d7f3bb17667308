import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { QueueRow } from '../desk/index.ts'
import type { StatusCategory } from '../tickets/index.ts'

/** Which of an agent's tickets are handed over, and to whom. */
export interface Handover {
  user_id: string
  /** An agent, or null for their queues. */
  to: string | null
  /** Null for all. */
  queue_ids: readonly string[] | null
  status_categories: readonly StatusCategory[]
  /** Whether who asks may give tickets of queues of claims to others. */
  may_assign: boolean
  reason: 'handed_over' | 'away'
}

export interface HandoverTicket {
  id: string
  queue_id: string
}

export const openCategories = ['new', 'open', 'pending', 'on_hold', 'solved'] as const satisfies readonly StatusCategory[]

const ticketsOf = prepare((db, slots: { user_id: string; after: string }) =>
  db
    .selectFrom('tickets')
    .select(['id', 'queue_id', 'status_category'])
    .where('assignee_id', '=', slots.user_id)
    .where('id', '>', slots.after)
    // Named one by one, so that the index leaves out what he closed in all his years.
    .where('status_category', 'in', [...openCategories])
    .where('deleted_at', 'is', null)
    .orderBy('id'),
)

/** Those of an agent's tickets that a hand-over is about, in the order of their ids. */
export async function handedOver(
  db: Reader,
  { user_id, queue_ids, status_categories }: Handover,
  after = '',
): Promise<HandoverTicket[]> {
  const rows = await ticketsOf(db, { user_id, after })
  return rows.filter(
    (row) => status_categories.includes(row.status_category) && (queue_ids === null || queue_ids.includes(row.queue_id)),
  )
}

/** Why a ticket of this queue cannot go where it is to go; null when it can. */
export function whyImpossible(
  { to, may_assign }: Pick<Handover, 'to' | 'may_assign'>,
  queue: Pick<QueueRow, 'id' | 'assignment_mode'>,
  toWorksIn: readonly string[],
): 'claim_only' | 'not_in_queue' | null {
  if (to === null) return null
  if (queue.assignment_mode === 'claim_only' && !may_assign) return 'claim_only'
  return toWorksIn.includes(queue.id) ? null : 'not_in_queue'
}
