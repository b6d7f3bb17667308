import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { lifecycleOf, mappedStatus, statusOf } from '../../workflow/index.ts'
import { changeTicket } from '../change.ts'
import type { SeenTicket } from '../present.ts'
import { statusNews } from '../status.ts'
import type { TicketRow } from '../tables.ts'
import { enterStatus, isAsleep } from '../ticket.ts'

type By = Pick<Actor, 'type' | 'id'>

/** Moves a ticket whose row is locked out of a status that its lifecycle has no more. */
export async function replaceStatus(tx: Tx, actor: By, ticket: SeenTicket): Promise<void> {
  const status = statusOf(ticket.lifecycle, ticket.status)
  if (status.key !== ticket.status) await place(tx, actor, { ticket, next: standing(tx, ticket, status) })
}

/** Brings a ticket whose row is locked into another lifecycle, to where that one's mappings say. */
export async function changeLifecycle(
  tx: Tx,
  actor: By,
  { ticket, lifecycle_id }: { ticket: SeenTicket; lifecycle_id: string },
): Promise<void> {
  await place(tx, actor, { ticket, next: await inLifecycle(tx, ticket, lifecycle_id) })
}

/** The ticket as it stands in another lifecycle. */
export async function inLifecycle(tx: Tx, ticket: SeenTicket, lifecycle_id: string): Promise<SeenTicket> {
  const lifecycle = await lifecycleOf(tx.db, lifecycle_id)
  return { ...standing(tx, ticket, mappedStatus(lifecycle, ticket)), lifecycle_id, lifecycle }
}

/** The ticket in another status, still asleep if that is a status to sleep in. */
function standing(tx: Tx, ticket: SeenTicket, status: ReturnType<typeof statusOf>): SeenTicket {
  const { pending_until: _, ...entered } = enterStatus(status, ticket, tx.now)
  return { ...ticket, ...entered, ...(isAsleep(status.category) ? {} : { pending_until: null }) }
}

/** The columns that tell where a ticket stands. */
export function standingColumns(ticket: TicketRow): Partial<TicketRow> {
  const { lifecycle_id, status, status_category, public_status, pending_until, solved_at, closed_at } = ticket
  return { lifecycle_id, status, status_category, public_status, pending_until, solved_at, closed_at }
}

async function place(tx: Tx, actor: By, { ticket, next }: { ticket: SeenTicket; next: SeenTicket }): Promise<void> {
  await changeTicket(tx, actor, ticket, { set: standingColumns(next), announce: statusNews(ticket, next) })
}
