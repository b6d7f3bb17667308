import type { Actor } from '../../../platform/actor.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { type News, news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket } from '../change.ts'
import { participantAdded, participantRemoved } from '../events.ts'
import { PARTICIPANTS_MAX } from '../participant.ts'
import { countParticipants } from '../participants.ts'
import { findPerson } from '../people.ts'
import { canInvite } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TicketClosed, TooManyParticipants } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { requireAgent } from '../references.ts'
import { ticketEtag } from '../ticket.ts'

interface Participation {
  ticket: TicketReference
  user_id: string
  role: 'cc' | 'follower'
  if_match?: readonly string[] | undefined
}

const NOT_INVITED = 'Who raised the ticket, and who works on it, says who is cc; followers are for who works on it.'

/** Adds somebody to a ticket: as cc to its public side, or an agent as follower, who then sees both sides. */
export async function addParticipant(
  tx: Tx,
  actor: Actor,
  { ticket: reference, user_id, role, if_match }: Participation,
): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (!canInvite(actor, ticket, role)) throw Forbidden({ detail: NOT_INVITED })
  requireUnchanged(ticket, if_match)
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  const id = await findPerson(tx, actor, user_id)
  if (id === undefined) throw NotFound()
  if (role === 'follower') await requireAgent(tx, id, '/role')
  // The requester takes part already.
  else if (id === ticket.requester_id) return ticket
  const announce = await takeIn(tx, { ticket_id: ticket.id, user_ids: [id], role })
  return announce.length === 0 ? ticket : changeTicket(tx, actor, ticket, { set: {}, announce })
}

/** Makes agents follow a ticket whose row is locked, for somebody who sees its staff side; answers what is to be announced. */
export function takeInFollowers(tx: Tx, ticket: SeenTicket, user_ids: readonly string[]): Promise<News[]> {
  return takeIn(tx, { ticket_id: ticket.id, user_ids, role: 'follower' })
}

/** Writes who takes part from now on, as many as a ticket may have; who does so already is no news. */
async function takeIn(
  tx: Tx,
  { ticket_id, user_ids, role }: { ticket_id: string; user_ids: readonly string[]; role: 'cc' | 'follower' },
): Promise<News[]> {
  const announce: News[] = []
  for (const user_id of user_ids)
    if (await insertIfAbsent(tx.db, 'ticket_participants', { ticket_id, user_id, role, created_at: tx.now }))
      announce.push(news(participantAdded, { visibility: visibilityOf(role), data: { user_id, role } }))
  if (announce.length > 0 && (await countParticipants(tx.db, ticket_id, role)) > PARTICIPANTS_MAX) throw TooManyParticipants()
  return announce
}

/** Removes somebody; one who takes no part is no change. Anybody may take himself out. */
export async function removeParticipant(
  tx: Tx,
  actor: Actor,
  { ticket: reference, user_id, role, if_match }: Participation,
): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (user_id !== actor.id && !canInvite(actor, ticket, role)) throw Forbidden({ detail: NOT_INVITED })
  requireUnchanged(ticket, if_match)
  // Of a closed ticket one can only take oneself out.
  if (ticket.status_category === 'closed' && user_id !== actor.id) throw TicketClosed({ members: { allowed: [] } })
  const announce = await takeOut(tx, { ticket_id: ticket.id, user_id, role })
  return announce.length === 0 ? ticket : changeTicket(tx, actor, ticket, { set: {}, announce })
}

/** Writes that somebody takes part no longer; answers what is to be announced, which is nothing where he took none. */
export async function takeOut(
  tx: Tx,
  { ticket_id, user_id, role }: { ticket_id: string; user_id: string; role: 'cc' | 'follower' },
): Promise<News[]> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('ticket_participants')
    .where('ticket_id', '=', ticket_id)
    .where('user_id', '=', user_id)
    .where('role', '=', role)
    .executeTakeFirstOrThrow()
  // Kysely's MySQL driver counts deleted rows as affected ones.
  if (numDeletedRows === 0n) return []
  return [news(participantRemoved, { visibility: visibilityOf(role), data: { user_id, role } })]
}

/** Who follows a ticket is for staff alone. */
function visibilityOf(role: 'cc' | 'follower'): 'public' | 'internal' {
  return role === 'cc' ? 'public' : 'internal'
}

function requireUnchanged(ticket: SeenTicket, if_match: readonly string[] | undefined): void {
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.view === 'staff' ? ticket.version : ticket.public_version)
}
