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

const CANDIDATES = 20

interface Pull {
  queue_id: string
  user_id: string
  now: number
  limit: number
}

/** The head of a queue's line, with what the claim of one of them needs; `eligible`: only what this agent has the skills for. */
const lineOf = prepare((db: Reader, slots: Pull, shape: string) => {
  const ttl = sql<number | null>`(select claim_ttl_seconds from queues where queues.id = ${slots.queue_id})`
  const line = db
    .selectFrom('tickets')
    .select(['tickets.id', ttl.as('claim_ttl_seconds')])
    .where('queue_id', '=', slots.queue_id)
    .where('waiting_rank', 'is not', null)
    .orderBy('waiting_rank')
    .orderBy('created_at')
    .orderBy('id')
    .limit(limitTo(db, slots.limit))
  return shape === 'eligible' ? line.where(hasSkillsFor(slots)) : line
})

/** Locks a ticket that still waits and that the agent has the skills for; a row that somebody else holds is passed over. */
const takeable = prepare((db: Reader, slots: { id: string; queue_id: string; user_id: string; now: number }) =>
  skipLocked(
    db,
    db
      .selectFrom('tickets')
      .selectAll()
      .where('id', '=', slots.id)
      // It may have been moved since the line was read.
      .where('queue_id', '=', slots.queue_id)
      .where('waiting_rank', 'is not', null)
      .where(hasSkillsFor(slots)),
  ),
)

/**
 * Takes the next ticket of a queue; undefined when a fresh look finds nothing that waits for this agent. Of the rules only
 * skills bind him: availability and capacity are for what Beckon gives by itself.
 */
export async function claimNext(tx: Tx, actor: Actor, queue_id: string): Promise<SeenTicket | undefined> {
  if (!(await canWorkIn(tx, actor, queue_id))) throw NotFound()
  if (!canOwnTickets(actor)) throw Forbidden({ detail: 'An API key cannot own a ticket.' })
  const pull = { queue_id, user_id: actor.id, now: tx.now, limit: CANDIDATES }
  // Few tickets ask for skills: the whole line is searched for those that fit only when the head of it gave none.
  for (let shape = 'head'; ; shape = 'eligible') {
    const line = await lineOf(tx.db, pull, shape)
    const [first] = line
    if (!first) return undefined
    for (const { id, claim_ttl_seconds } of line) {
      const [row] = await takeable(tx.db, { id, queue_id, user_id: actor.id, now: tx.now })
      if (!row) continue
      const ticket = await seenTicket(tx.db, row, 'staff')
      return giveTicket(tx, actor, { ticket, assignee_id: actor.id, reason: 'claimed_next', claim_ttl_seconds })
    }
    // Others hold everything that fits: look again once the first of them is done.
    if (shape === 'eligible') await waitFor(tx, first.id)
  }
}

async function waitFor(tx: Tx, id: string): Promise<void> {
  await forUpdate(tx.db, tx.db.selectFrom('tickets').select('id').where('id', '=', id)).execute()
}

async function canWorkIn(tx: Tx, actor: Actor, queue_id: string): Promise<boolean> {
  if (actor.role === 'admin') return (await findQueue(tx.db, queue_id)) !== undefined
  return actor.queue_ids.includes(queue_id)
}
