import { systemActor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { type News, news } from '../../platform/events.ts'
import { setTimer } from '../../platform/timers.ts'
import type { Tx } from '../../platform/transaction.ts'
import { findUser } from '../directory/index.ts'
import { automaticStep, firstIn, lifecycleOf, mappedStatus, statusOf } from '../workflow/index.ts'
import { ticketAssigned } from './events.ts'
import type { SeenTicket } from './present.ts'
import { changeStatus, type StatusChange, statusNews } from './status.ts'
import type { TicketRow } from './tables.ts'
import { enterStatus, isAsleep, isLoad } from './ticket.ts'
import { CLAIM_EXPIRY } from './waiting.ts'

/** Where a ticket stood before it was merged. */
export type StandingBefore = Pick<TicketRow, 'lifecycle_id' | 'status' | 'pending_until' | 'solved_at'>

export function standingBefore({ lifecycle_id, status, pending_until, solved_at }: TicketRow): StandingBefore {
  return { lifecycle_id, status, pending_until, solved_at }
}

/** Closes a ticket because its conversation went elsewhere: where its lifecycle has no step to it, as well. */
export function closeAsMerged(ticket: SeenTicket, now: number): StatusChange {
  const status = automaticStep(ticket.lifecycle, ticket.status, 'closed') ?? firstIn(ticket.lifecycle, 'closed')
  if (!status) throw new Error('a lifecycle without a status for closed tickets')
  return changeStatus(ticket, status, now)
}

/** Brings a ticket back to where it stood, or to what its lifecycle has in the place of that by now. */
export async function standAgain(tx: Tx, ticket: SeenTicket, before: StandingBefore): Promise<StatusChange> {
  const status = await statusNow(tx.db, ticket, before)
  const set: Partial<TicketRow> = enterStatus(status, { solved_at: before.solved_at, closed_at: null }, tx.now)
  if (isAsleep(status.category)) set.pending_until = before.pending_until
  const announce = statusNews(ticket, { ...ticket, ...set })
  if (await hasLeft(tx.db, ticket.assignee_id)) {
    set.assignee_id = null
    announce.push(handedBack(ticket))
  } else if (ticket.assignee_id !== null && isLoad({ ...ticket, ...set }))
    // While it was closed the time of a claim may have passed unheeded.
    await setTimer(tx, { kind: CLAIM_EXPIRY, subject_id: ticket.id, due_at: tx.now })
  return { set, announce }
}

/** Whether who has the ticket works here no longer: what he had was given back while this one was closed. */
async function hasLeft(db: Reader, assignee_id: string | null): Promise<boolean> {
  if (assignee_id === null) return false
  const assignee = await findUser(db, assignee_id)
  return assignee?.active !== 1 || assignee.role === 'requester'
}

function handedBack({ assignee_id }: SeenTicket): News {
  const data = { assignee_id: null, reason: 'handed_over' as const }
  return news(ticketAssigned, { visibility: 'internal', data, previous: { assignee_id }, actor: systemActor })
}

async function statusNow(db: Reader, { lifecycle, lifecycle_id }: SeenTicket, before: StandingBefore) {
  if (lifecycle_id === before.lifecycle_id) return statusOf(lifecycle, before.status)
  const from = await lifecycleOf(db, before.lifecycle_id, before.status)
  return mappedStatus(lifecycle, { lifecycle: from, status: before.status })
}
