import type { Actor } from '../../../platform/actor.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
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
  const row = { ticket_id: ticket.id, user_id, notify, updated_at: tx.now }
  if (!(await insertIfAbsent(tx.db, 'ticket_preferences', row)))
    await tx.db
      .updateTable('ticket_preferences')
      .set({ notify, updated_at: tx.now })
      .where('ticket_id', '=', ticket.id)
      .where('user_id', '=', user_id)
      .execute()
  return { ticket, person: { ...person, notify } }
}
