import { systemActor } from '../../../platform/actor.ts'
import { type News, news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { automaticStep } from '../../workflow/index.ts'
import { changeTicket } from '../change.ts'
import { ticketWoken } from '../events.ts'
import { findVisibleTicket } from '../queries.ts'
import { changeStatus } from '../status.ts'
import { isAsleep } from '../ticket.ts'

/**
 * Brings a snoozed ticket back at its time. Where its lifecycle has no step for that, it stays where it is, past its time, and
 * counts as overdue. One that woke earlier, or sleeps longer by now, is left alone.
 */
export async function wakeTicket(tx: Tx, { ticket_id, due_at }: { ticket_id: string; due_at: number }): Promise<void> {
  const ticket = await findVisibleTicket(tx.db, systemActor, ticket_id, 'for update')
  if (!ticket || !isAsleep(ticket.status_category) || ticket.pending_until !== due_at) return
  const status = automaticStep(ticket.lifecycle, ticket.status, 'open')
  const change = status ? changeStatus(ticket, status, tx.now) : { set: {}, announce: [] as News[] }
  const woken = news(ticketWoken, { visibility: 'internal', data: { status: status?.key ?? ticket.status } })
  await changeTicket(tx, systemActor, ticket, { set: change.set, announce: [woken, ...change.announce] })
}
