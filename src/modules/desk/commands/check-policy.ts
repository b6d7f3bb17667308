import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type PolicyColumns, type PolicyPatch, policyAfter } from '../assignment.ts'
import { isUsableQueue } from '../policy.ts'
import { findQueue } from '../queries/queues.ts'
import type { QueueRow } from '../tables.ts'

const FALLBACK = '/assignment/fallback/queue_id'

/** A queue's policy after a patch. Whoever changes a fallback holds the settings' lock, so that no two of them make a ring. */
export async function checkedPolicy(tx: Tx, row: QueueRow, patch: PolicyPatch | undefined): Promise<PolicyColumns> {
  const next = policyAfter(row, patch ?? {})
  if (!patch?.fallback) return next
  if (next.fallback !== 'queue') {
    if (patch.fallback.queue_id) throw invalidField(FALLBACK, 'not_allowed', 'Only the fallback `queue` names one.')
    return next
  }
  if (next.fallback_queue_id === null) throw invalidField(FALLBACK, 'required', 'Name the queue that tickets move to.')
  await requireNoRing(tx, row.id, next.fallback_queue_id)
  return next
}

async function requireNoRing(tx: Tx, queue_id: string, fallback_queue_id: string): Promise<void> {
  const target = await findQueue(tx.db, fallback_queue_id, 'for share')
  if (!target || !isUsableQueue(target))
    throw invalidField(FALLBACK, 'not_found', 'There is no such queue, or it takes no tickets.')
  for (let at: QueueRow | undefined = target; at; at = await findQueue(tx.db, at.fallback_queue_id ?? ''))
    if (at.id === queue_id) throw invalidField(FALLBACK, 'ring', 'Tickets would come back to this queue.')
}
