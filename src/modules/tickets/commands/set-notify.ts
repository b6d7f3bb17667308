import type { Actor } from '../../../platform/actor.ts'
import { forUpdate, insertIfAbsent } from '../../../platform/database/dialect.ts'
import { Forbidden, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Notify } from '../participant.ts'
import { listParticipants, type TakesPart } from '../participants.ts'
import { canSetNotify } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'

/**
 * Keeps what a participant wants to hear of a ticket, closed ones too. It is his own affair and no change of the ticket: nothing is
 * announced, and no version moves.
 */
export async function setNotify(
  tx: Tx,
  actor: Actor,
  { ticket: reference, user_id, notify }: { ticket: TicketReference; user_id: string; notify: Notify },
): Promise<{ ticket: SeenTicket; person: TakesPart }> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  // Before he is looked up: a refusal says nothing about who takes part.
  if (!canSetNotify(actor, user_id))
    throw Forbidden({ detail: 'Everybody says this for himself; an admin may say it for others.' })
  const person = (await listParticipants(tx.db, ticket)).find((one) => one.user_id === user_id)
  if (!person) throw NotFound()
  await keepNotify(tx, { ticket_id: ticket.id, user_id, notify })
  return { ticket, person: { ...person, notify } }
}

/** Keeps what somebody wants to hear of a ticket, who said so himself: whether he takes part in it now makes no difference. */
export async function setOwnNotify(
  tx: Tx,
  { ticket_id, ...said }: { ticket_id: string; user_id: string; notify: Notify },
): Promise<void> {
  const ticket = tx.db.selectFrom('tickets').select('id').where('id', '=', ticket_id).where('deleted_at', 'is', null)
  if (await forUpdate(tx.db, ticket).executeTakeFirst()) await keepNotify(tx, { ticket_id, ...said })
}

async function keepNotify(
  tx: Tx,
  { ticket_id, user_id, notify }: { ticket_id: string; user_id: string; notify: Notify },
): Promise<void> {
  const row = { ticket_id, user_id, notify, updated_at: tx.now }
  if (!(await insertIfAbsent(tx.db, 'ticket_preferences', row)))
    await tx.db
      .updateTable('ticket_preferences')
      .set({ notify, updated_at: tx.now })
      .where('ticket_id', '=', ticket_id)
      .where('user_id', '=', user_id)
      .execute()
}
