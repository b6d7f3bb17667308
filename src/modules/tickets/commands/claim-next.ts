import type { Actor } from '../../../platform/actor.ts'
import { limitTo, skipLocked } from '../../../platform/database/dialect.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { Forbidden, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue } from '../../desk/index.ts'
import { canOwnTickets } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { seenTicket } from '../queries.ts'
import { assignTo } from './claim-ticket.ts'

const CANDIDATES = 20

/** The line of a queue: the most urgent first, then the oldest. The one eligibility query. */
const waitingIn = prepare((db: Reader, slots: { queue_id: string; limit: number }) =>
  db
    .selectFrom('tickets')
    .select('id')
    .where('queue_id', '=', slots.queue_id)
    .where('waiting_rank', 'is not', null)
    .orderBy('waiting_rank')
    .orderBy('created_at')
    .orderBy('id')
    .limit(limitTo(db, slots.limit)),
)

/** Locks a ticket that still waits; a row that somebody else holds is passed over where the engine can. */
const takeable = prepare((db: Reader, slots: { id: string }, shape: string) => {
  const query = db.selectFrom('tickets').selectAll().where('id', '=', slots.id).where('waiting_rank', 'is not', null)
  return shape === 'skip' ? skipLocked(db, query) : query
})

/** Takes the next ticket of a queue; undefined when a fresh look finds nothing that waits. */
export async function claimNext(tx: Tx, actor: Actor, queue_id: string): Promise<SeenTicket | undefined> {
  if (!(await canWorkIn(tx, actor, queue_id))) throw NotFound()
  if (!canOwnTickets(actor)) throw Forbidden({ detail: 'An API key cannot own a ticket.' })
  for (;;) {
    const line = await waitingIn(tx.db, { queue_id, limit: CANDIDATES })
    if (line.length === 0) return undefined
    for (const { id } of line) {
      const [row] = await takeable(tx.db, { id }, 'skip')
      if (row) return assignTo(tx, actor, { ticket: await seenTicket(tx.db, row, 'staff'), reason: 'claimed_next' })
    }
    // Others hold the whole head of the line: look again once the first of them is done.
    const [first] = line
    if (first) await lockRow(tx, first.id)
  }
}

async function lockRow(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('tickets')
    .set((eb) => ({ waiting_rank: eb.ref('waiting_rank') }))
    .where('id', '=', id)
    .execute()
}

async function canWorkIn(tx: Tx, actor: Actor, queue_id: string): Promise<boolean> {
  if (actor.role === 'admin') return (await findQueue(tx.db, queue_id)) !== undefined
  return actor.queue_ids.includes(queue_id)
}
