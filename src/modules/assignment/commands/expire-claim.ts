import { systemActor } from '../../../platform/actor.ts'
import { fromJson } from '../../../platform/codecs.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findQueue } from '../../desk/index.ts'
import { CLAIM_EXPIRY, lockTicket, type TicketRow, takeTicketFrom, waits } from '../../tickets/index.ts'

/** Takes a ticket back that somebody claimed and left untouched for as long as its queue allows. */
export async function expireClaim(tx: Tx, ticket_id: string): Promise<void> {
  const ticket = await lockTicket(tx, ticket_id)
  // Whose work is at hand no more, or was done by others, need not give it back.
  if (!ticket || ticket.assignee_id === null || !waits({ ...ticket, assignee_id: null })) return
  const { claim_ttl_seconds = null } = (await findQueue(tx.db, ticket.queue_id)) ?? {}
  const claimed_at = await untouchedSince(tx, ticket)
  if (claimed_at === null || claim_ttl_seconds === null) return
  const due_at = claimed_at + claim_ttl_seconds * 1000
  // The queue's time, or the ticket's queue, has changed since.
  if (due_at > tx.now) await setTimer(tx, { kind: CLAIM_EXPIRY, subject_id: ticket.id, due_at })
  else await takeTicketFrom(tx, systemActor, { ticket, to: null, reason: 'claim_expired' })
}

/** When the assignee claimed the ticket; null when he did not, or has written in it since. The ticket's own log knows. */
async function untouchedSince(tx: Tx, ticket: Pick<TicketRow, 'id' | 'assignee_id'>): Promise<number | null> {
  const ofTicket = tx.db.selectFrom('events').where('ticket_id', '=', ticket.id)
  const claim = await ofTicket
    .select(['data', 'ticket_seq', 'occurred_at'])
    .where('type', '=', 'ticket.assigned')
    .orderBy('ticket_seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!claim) return null
  const { assignee_id, reason } = fromJson<{ assignee_id: string | null; reason: string }>(claim.data)
  if (assignee_id !== ticket.assignee_id || !reason.startsWith('claimed')) return null
  const touch = ofTicket.select('id').where('ticket_seq', '>', claim.ticket_seq).where('actor_id', '=', assignee_id)
  return (await touch.limit(1).executeTakeFirst()) ? null : claim.occurred_at
}
