import { prepare } from '../../../platform/database/prepared.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue, isPushing } from '../../desk/index.ts'
import { lockTicket, waits } from '../../tickets/index.ts'
import { FILL } from '../kinds.ts'
import { boundSkillsInLine } from '../skills.ts'
import { canPlace, openBoard, placeTicket } from './place-ticket.ts'

const PLACED_AT_ONCE = 20
const LOOKED_AT = 2000
const HELD_MS = 500

const lineOf = prepare((db, { queue_id }: { queue_id: string }) =>
  db
    .selectFrom('tickets')
    .select('id')
    .where('queue_id', '=', queue_id)
    .where('waiting_rank', 'is not', null)
    .orderBy('waiting_rank')
    .orderBy('created_at')
    .orderBy('id')
    .limit(LOOKED_AT),
)

/**
 * Tries the tickets that wait in a queue, in their order, so many at a time. The counter is locked before the tickets here, so a
 * ticket that somebody else holds is passed over, never waited for; the queue is then looked at again soon.
 */
export async function fillQueue(tx: Tx, queue_id: string): Promise<void> {
  const queue = await findQueue(tx.db, queue_id)
  if (!queue || !isPushing(queue.assignment_mode)) return
  const bound = await boundSkillsInLine(tx.db, { queue_id, now: tx.now })
  const board = await openBoard(tx, queue, [...new Set([...bound.values()].flat())])
  let placed = 0
  let held = 0
  for (const { id } of await lineOf(tx.db, { queue_id })) {
    const skills = bound.get(id) ?? []
    if (placed === PLACED_AT_ONCE || !canPlace(board, [])) break
    if (!canPlace(board, skills)) continue
    const ticket = await lockTicket(tx, id, 'skip')
    if (!ticket) held++
    else if (waits(ticket) && ticket.queue_id === queue_id)
      placed += (await placeTicket(tx, board, { ticket, skills })) === 'waits' ? 0 : 1
  }
  if (placed === PLACED_AT_ONCE) await setTimer(tx, { kind: FILL, subject_id: queue_id, due_at: tx.now })
  else if (held > 0) await setTimer(tx, { kind: FILL, subject_id: queue_id, due_at: tx.now + HELD_MS })
}
