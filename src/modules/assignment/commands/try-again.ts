import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { pushingQueues } from '../../desk/index.ts'
import { queuesOf } from '../candidates.ts'
import { FILL } from '../kinds.ts'

/** Tries again what waits in those of these queues that give tickets by themselves. */
export async function tryAgain(tx: Tx, queue_ids: readonly string[]): Promise<void> {
  if (queue_ids.length === 0) return
  for (const { id } of await pushingQueues(tx.db).where('id', 'in', queue_ids).execute())
    await setTimer(tx, { kind: FILL, subject_id: id, due_at: tx.now })
}

/** Tries again what waits in the queues of an agent: he may be able to take more. */
export async function tryAgainFor(tx: Tx, user_id: string): Promise<void> {
  await tryAgain(tx, (await queuesOf(tx.db, [user_id])).get(user_id) ?? [])
}

/** Tries again every queue that gives tickets by itself and has some waiting: what nothing else called for, or what failed. */
export async function sweepQueues(tx: Tx): Promise<void> {
  const waiting = pushingQueues(tx.db).where(({ exists, selectFrom }) =>
    exists(
      selectFrom('tickets')
        .select('tickets.id')
        .whereRef('tickets.queue_id', '=', 'queues.id')
        .where('waiting_rank', 'is not', null),
    ),
  )
  for (const { id } of await waiting.execute()) await setTimer(tx, { kind: FILL, subject_id: id, due_at: tx.now })
}
