import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Text } from '../../messages/index.ts'
import { changeTicket } from '../change.ts'
import { canSteer } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { changeStatus } from '../status.ts'
import { ticketEtag } from '../ticket.ts'
import { addMessage } from './add-message.ts'
import { requireClosing, requireStepInto, transitionNotAllowed } from './transition.ts'

/** Closes a ticket, by way of solved, with a last public message if there is one. */
export async function closeTicket(
  tx: Tx,
  actor: Actor,
  {
    ticket: reference,
    text,
    if_match,
  }: { ticket: TicketReference; text?: Text | undefined; if_match?: readonly string[] | undefined },
): Promise<SeenTicket> {
  const ticket = await steerable(tx, actor, reference, if_match)
  const status = requireClosing(actor, ticket)
  const answered = text
    ? (await addMessage(tx, actor, { ticket, text, visibility: 'public', addressed_ticket_id: ticket.id, wakes: false })).ticket
    : ticket
  return changeTicket(tx, actor, answered, changeStatus(answered, status, tx.now))
}

/** Takes a solved ticket up again. */
export async function reopenTicket(
  tx: Tx,
  actor: Actor,
  { ticket: reference, if_match }: { ticket: TicketReference; if_match?: readonly string[] | undefined },
): Promise<SeenTicket> {
  const ticket = await steerable(tx, actor, reference, if_match)
  if (ticket.status_category !== 'solved') throw transitionNotAllowed(actor, ticket, { wanted: 'open' })
  const status = requireStepInto(actor, ticket, 'open')
  return changeTicket(tx, actor, ticket, changeStatus(ticket, status, tx.now))
}

async function steerable(
  tx: Tx,
  actor: Actor,
  reference: TicketReference,
  if_match: readonly string[] | undefined,
): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (!canSteer(actor, ticket)) throw Forbidden()
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.view === 'staff' ? ticket.version : ticket.public_version)
  return ticket
}
