import { type Actor, isStaff } from '../../../platform/actor.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket } from '../change.ts'
import { participantAdded, participantRemoved } from '../events.ts'
import { findPerson } from '../people.ts'
import { canWork, isOwner } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TicketClosed } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { requireAgent } from '../references.ts'
import { ticketEtag } from '../ticket.ts'

interface Participation {
  ticket: TicketReference
  user_id: string
  role: 'cc' | 'follower'
  if_match?: readonly string[] | undefined
}

/** Adds somebody to a ticket: as cc to its public side, or an agent as follower, who then sees both sides. */
export async function addParticipant(
  tx: Tx,
  actor: Actor,
  { ticket: reference, user_id, role, if_match }: Participation,
): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  requireMayAdd(actor, ticket, role)
  requireUnchanged(ticket, if_match)
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  const id = await findPerson(tx, actor, user_id)
  if (id === undefined) throw NotFound()
  if (role === 'follower') await requireAgent(tx, id, '/role')
  // The requester takes part already.
  else if (id === ticket.requester_id) return ticket
  if (!(await insertIfAbsent(tx.db, 'ticket_participants', { ticket_id: ticket.id, user_id: id, role, created_at: tx.now })))
    return ticket
  const announce = [news(participantAdded, { visibility: role === 'cc' ? 'public' : 'internal', data: { user_id: id, role } })]
  return changeTicket(tx, actor, ticket, { set: {}, announce })
}

/** Removes somebody; one who takes no part is no change. Anybody may take himself out. */
export async function removeParticipant(
  tx: Tx,
  actor: Actor,
  { ticket: reference, user_id, role, if_match }: Participation,
): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (user_id !== actor.id) requireMayAdd(actor, ticket, role)
  requireUnchanged(ticket, if_match)
  // Of a closed ticket one can only take oneself out.
  if (ticket.status_category === 'closed' && user_id !== actor.id) throw TicketClosed({ members: { allowed: [] } })
  const { numDeletedRows } = await tx.db
    .deleteFrom('ticket_participants')
    .where('ticket_id', '=', ticket.id)
    .where('user_id', '=', user_id)
    .where('role', '=', role)
    .executeTakeFirstOrThrow()
  // Kysely's MySQL driver counts deleted rows as affected ones.
  if (numDeletedRows === 0n) return ticket
  const announce = [news(participantRemoved, { visibility: role === 'cc' ? 'public' : 'internal', data: { user_id, role } })]
  return changeTicket(tx, actor, ticket, { set: {}, announce })
}

function requireUnchanged(ticket: SeenTicket, if_match: readonly string[] | undefined): void {
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.view === 'staff' ? ticket.version : ticket.public_version)
}

/** Only who sees the internal side may make an agent follow it; a requester adds to what is his own. */
function requireMayAdd(actor: Actor, ticket: SeenTicket, role: 'cc' | 'follower'): void {
  if (canWork(ticket) && isStaff(actor)) return
  if (role === 'cc' && isOwner(actor, ticket)) return
  throw Forbidden()
}
