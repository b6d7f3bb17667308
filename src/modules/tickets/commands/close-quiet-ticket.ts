import { systemActor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getSettings } from '../../desk/index.ts'
import { automaticStep } from '../../workflow/index.ts'
import { changeTicket } from '../change.ts'
import { findVisibleTicket } from '../queries.ts'
import { changeStatus } from '../status.ts'
import { armClosing, closingTime } from '../timers.ts'

/** Closes a solved ticket that has been quiet for as long as the settings say by now; one that spoke meanwhile waits on. */
export async function closeQuietTicket(tx: Tx, ticket_id: string): Promise<void> {
  const ticket = await findVisibleTicket(tx.db, systemActor, ticket_id, 'for update')
  if (ticket?.status_category !== 'solved') return
  const due_at = closingTime(ticket, await getSettings(tx.db))
  if (due_at === null) return
  if (due_at > tx.now) return armClosing(tx, ticket)
  const status = automaticStep(ticket.lifecycle, ticket.status, 'closed')
  if (status) await changeTicket(tx, systemActor, ticket, changeStatus(ticket, status, tx.now))
}
