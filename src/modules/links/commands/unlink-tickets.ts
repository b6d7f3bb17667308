import { type Actor, systemActor } from '../../../platform/actor.ts'
import { news } from '../../../platform/events.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import {
  changeTicket,
  getVisibleTicket,
  lockPair,
  lockTicket,
  type SeenTicket,
  type TicketReference,
} from '../../tickets/index.ts'
import { ticketUnlinked } from '../events.ts'
import { inverseOf, isOfSplit, type LinkKind } from '../link.ts'
import { canLink } from '../policy.ts'
import { LinkStays } from '../problems.ts'
import { getLink } from '../queries.ts'

/** Takes a link away, from both of its tickets. */
export async function unlinkTickets(
  tx: Tx,
  actor: Actor,
  { ticket: reference, link: link_id }: { ticket: TicketReference; link: string },
): Promise<void> {
  const seen = await getVisibleTicket(tx.db, actor, reference)
  if (!canLink(actor, seen)) throw Forbidden({ detail: 'Only who works on the ticket links it.' })
  const { other_id } = await getLink(tx.db, actor, { ticket_id: seen.id, link_id })
  const { ticket, other } = await lockPair(tx, actor, { ticket: seen.id, other: other_id })
  // Somebody else may have been faster, or he may have lost sight of one of them.
  const { kind } = await getLink(tx.db, actor, { ticket_id: ticket.id, link_id })
  if (isOfSplit(kind)) throw LinkStays()
  await tx.db.deleteFrom('ticket_links').where('id', '=', link_id).where('ticket_id', 'in', [ticket.id, other_id]).execute()
  await tellUnlinked(tx, actor, { ticket, link_id, kind })
  if (other) await tellUnlinked(tx, actor, { ticket: other, link_id, kind: inverseOf(kind) })
}

const AT_ONCE = 50

/** Takes some of the links of a deleted ticket away; answers whether there may be more. */
export async function unlinkDeleted(tx: Tx, ticket_id: string): Promise<boolean> {
  const links = await tx.db.selectFrom('ticket_links').selectAll().where('ticket_id', '=', ticket_id).limit(AT_ONCE).execute()
  const inOrder = links.sort((a, b) => (a.other_id < b.other_id ? -1 : 1))
  for (const { id, other_id, kind } of inOrder) {
    const other = await lockTicket(tx, other_id)
    const { numDeletedRows } = await tx.db
      .deleteFrom('ticket_links')
      .where('id', '=', id)
      .where('ticket_id', 'in', [ticket_id, other_id])
      .executeTakeFirstOrThrow()
    if (other && numDeletedRows > 0n) await tellUnlinked(tx, systemActor, { ticket: other, link_id: id, kind: inverseOf(kind) })
  }
  return links.length === AT_ONCE
}

async function tellUnlinked(
  tx: Tx,
  actor: Actor,
  { ticket, link_id, kind }: { ticket: SeenTicket; link_id: string; kind: LinkKind },
): Promise<void> {
  const announce = [news(ticketUnlinked, { visibility: 'internal', data: { link_id, kind } })]
  await changeTicket(tx, actor, ticket, { set: {}, announce })
}
