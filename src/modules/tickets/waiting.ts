import { prepare } from '../../platform/database/prepared.ts'
import { setTimer } from '../../platform/timers.ts'
import type { Tx } from '../../platform/transaction.ts'
import { findQueue, isPushing, type QueueRow } from '../desk/index.ts'
import type { TicketRow } from './tables.ts'
import { isLoad, rankInLine, waits } from './ticket.ts'

/** Fires when a ticket waits in a queue that gives its tickets to agents by itself. */
export const PUSH = 'assignment.push'
/** Fires when an agent may have room for one more ticket. */
export const ROOM = 'assignment.room'
/** Fires when a claimed ticket that nobody touched goes back. */
export const CLAIM_EXPIRY = 'assignment.claim-expiry'

/** Calls for an agent, where a queue gives tickets by itself. */
export async function callForAgent(
  tx: Tx,
  ticket: Pick<TicketRow, 'id'>,
  queue: Pick<QueueRow, 'assignment_mode'>,
): Promise<void> {
  if (isPushing(queue.assignment_mode)) await setTimer(tx, { kind: PUSH, subject_id: ticket.id, due_at: tx.now })
}

/** A changed ticket's place in the line of its queue. Only who joins a line, or moves in it, has the queue looked at. */
export async function placeInLine(tx: Tx, before: TicketRow, after: TicketRow): Promise<number | null> {
  if (!waits(after)) return null
  const isSameLine = before.waiting_rank !== null && before.queue_id === after.queue_id
  if (isSameLine && before.priority === after.priority && before.due_at === after.due_at) return before.waiting_rank
  // Shared, so that a change of the queue's order comes before this, or sees the ticket.
  const queue = await findQueue(tx.db, after.queue_id, 'for share')
  if (!queue) return rankInLine(after, 'due')
  if (!isSameLine) await callForAgent(tx, after, queue)
  return rankInLine(after, queue.assignment_order)
}

const capacityOf = prepare((db, { user_id }: { user_id: string }) =>
  db.selectFrom('agents').select('capacity').where('user_id', '=', user_id),
)

/** Says that an agent who takes so many tickets at most has one less. For all others one less changes nothing. */
export async function makeRoom(tx: Tx, before: TicketRow, after: TicketRow): Promise<void> {
  if (before.assignee_id === null || !isLoad(before)) return
  if (isLoad(after) && after.assignee_id === before.assignee_id) return
  const [agent] = await capacityOf(tx.db, { user_id: before.assignee_id })
  if (agent && agent.capacity !== null) await setTimer(tx, { kind: ROOM, subject_id: before.assignee_id, due_at: tx.now })
}
