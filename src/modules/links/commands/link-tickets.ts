import type { Actor } from '../../../platform/actor.ts'
import { insertRows } from '../../../platform/database/prepared.ts'
import { news } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import { Forbidden, invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { lockSettings } from '../../desk/index.ts'
import { changeTicket, lockPair, type SeenTicket, type TicketReference } from '../../tickets/index.ts'
import { ticketLinked } from '../events.ts'
import { inverseOf, LEVELS_MAX, type LinkKind } from '../link.ts'
import { canLink } from '../policy.ts'
import { HasParent, LinkCycle, LinkedOtherwise, TooManyLevels } from '../problems.ts'
import { childrenOf, getLink, linksBetween, parentOf, type SeenLink } from '../queries.ts'

interface Linking {
  ticket: TicketReference
  other: TicketReference
  /** What `other` is to `ticket`. */
  kind: LinkKind
}

/**
 * Links two tickets that the actor sees on the staff side; a link that is there is no change. Moves the versions of both: who
 * holds one of them in hand reads it again.
 */
export async function linkTickets(tx: Tx, actor: Actor, linking: Linking): Promise<{ link: SeenLink; was_there: boolean }> {
  const { kind } = linking
  const { ticket, other } = await lockPair(tx, actor, linking)
  if (!canLink(actor, ticket)) throw Forbidden({ detail: 'Only who works on the ticket links it.' })
  if (!other || !canLink(actor, other)) throw invalidField('/ticket_id', 'not_found', 'There is no such ticket that you work on.')
  if (ticket.id === other.id) throw invalidField('/ticket_id', 'same_ticket', 'A ticket is not linked with itself.')

  const present = await linksBetween(tx.db, { ticket_id: ticket.id, other_id: other.id })
  const same = present.find((link) => link.kind === kind)
  if (same) return { link: await getLink(tx.db, actor, { ticket_id: ticket.id, link_id: same.id }), was_there: true }
  if (present.some((link) => link.kind === inverseOf(kind))) throw LinkedOtherwise()
  if (kind === 'parent') await requirePlace(tx, { child: ticket.id, parent: other.id })
  if (kind === 'child') await requirePlace(tx, { child: other.id, parent: ticket.id })

  const { id } = await writeLink(tx, actor, { ticket, other, kind })
  return { link: await getLink(tx.db, actor, { ticket_id: ticket.id, link_id: id }), was_there: false }
}

/** Writes a link between two tickets whose rows are locked, and announces it in both. Whether it may be, its caller has asked. */
export async function writeLink(
  tx: Tx,
  actor: Actor,
  { ticket, other, kind }: { ticket: SeenTicket; other: SeenTicket; kind: LinkKind },
): Promise<{ id: string; ticket: SeenTicket; other: SeenTicket }> {
  const id = newId('lnk')
  const made = { id, created_by_type: actor.type, created_by_id: actor.id, created_at: tx.now }
  await insertRows(tx.db, 'ticket_links', [
    { ...made, ticket_id: ticket.id, other_id: other.id, kind },
    { ...made, ticket_id: other.id, other_id: ticket.id, kind: inverseOf(kind) },
  ])
  const told = (seen: LinkKind) => [news(ticketLinked, { visibility: 'internal', data: { link_id: id, kind: seen } })]
  return {
    id,
    ticket: await changeTicket(tx, actor, ticket, { set: {}, announce: told(kind) }),
    other: await changeTicket(tx, actor, other, { set: {}, announce: told(inverseOf(kind)) }),
  }
}

/** A child has one parent, is none of that one's parts, and stands not too far below. */
async function requirePlace(tx: Tx, { child, parent }: { child: string; parent: string }): Promise<void> {
  // Two links that together close a circle may have no ticket in common: these come one after the other.
  await lockSettings(tx)
  if ((await parentOf(tx.db, child)) !== undefined) throw HasParent()
  let levels = 2
  for (let above = await parentOf(tx.db, parent); above !== undefined; above = await parentOf(tx.db, above)) {
    if (above === child) throw LinkCycle()
    levels++
  }
  for (let below = await childrenOf(tx.db, [child]); below.length > 0; below = await childrenOf(tx.db, below)) levels++
  if (levels > LEVELS_MAX) throw TooManyLevels()
}
