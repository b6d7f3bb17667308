import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import { forUpdate, limitTo, skipLocked } from '../../../platform/database/dialect.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { Forbidden, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue } from '../../desk/index.ts'
import { canOwnTickets, giveTicket, type SeenTicket, seenTicket } from '../../tickets/index.ts'
import { hasSkillsFor } from '../skills.ts'

interface Pull {
  queue_id: string
  user_id: string
  now: number
}

/** The line of a queue as far as an agent has the skills for it, the head first. */
function lineOf(db: Reader, slots: Pull) {
  return db
    .selectFrom('tickets')
    .where('queue_id', '=', slots.queue_id)
    .where('waiting_rank', 'is not', null)
    .where(hasSkillsFor(slots))
    .orderBy('waiting_rank')
    .orderBy('created_at')
    .orderBy('id')
    .limit(limitTo(db, 1))
}

/** Locks the first ticket of the line that nobody else holds; with what its claim needs of the queue. */
const takeNext = prepare((db: Reader, slots: Pull) => {
  const ttl = sql<number | null>`(select claim_ttl_seconds from queues where queues.id = ${slots.queue_id})`
  return skipLocked(db, lineOf(db, slots).selectAll('tickets').select(ttl.as('claim_ttl_seconds')))
})

/** The first ticket of the line, whoever holds it. */
const firstInLine = prepare((db: Reader, slots: Pull) => lineOf(db, slots).select('tickets.id'))

/**
 * Takes the next ticket of a queue; undefined when a fresh look finds nothing that waits for this agent. Of the rules only
 * skills bind him: availability and capacity are for what Beckon gives by itself.
 */
export async function claimNext(tx: Tx, actor: Actor, queue_id: string): Promise<SeenTicket | undefined> {
  if (!(await canWorkIn(tx, actor, queue_id))) throw NotFound()
  if (!canOwnTickets(actor)) throw Forbidden({ detail: 'An API key cannot own a ticket.' })
  const pull = { queue_id, user_id: actor.id, now: tx.now }
  for (;;) {
    const [row] = await takeNext(tx.db, pull)
    if (row) {
      const { claim_ttl_seconds } = row
      const ticket = await seenTicket(tx.db, row, 'staff')
      return giveTicket(tx, actor, { ticket, assignee_id: actor.id, reason: 'claimed_next', claim_ttl_seconds })
    }
    const [first] = await firstInLine(tx.db, pull)
    if (!first) return undefined
    // Others hold everything that fits: look again once the first of them is done.
    await waitFor(tx, first.id)
  }
}

async function waitFor(tx: Tx, id: string): Promise<void> {
  await forUpdate(tx.db, tx.db.selectFrom('tickets').select('id').where('id', '=', id)).execute()
}

async function canWorkIn(tx: Tx, actor: Actor, queue_id: string): Promise<boolean> {
  if (actor.role === 'admin') return (await findQueue(tx.db, queue_id)) !== undefined
  return actor.queue_ids.includes(queue_id)
}
