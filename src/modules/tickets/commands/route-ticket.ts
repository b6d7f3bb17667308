import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { firstMatch, listRules } from '../../routing/index.ts'
import { changeTicket } from '../change.ts'
import { canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TicketClosed } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { planFor, routed, routedNews, routingFacts } from '../routing.ts'
import { ticketEtag } from '../ticket.ts'
import { addTags } from './change-tags.ts'
import { updateTicket } from './update-ticket.ts'

/** Applies the first rule that matches the ticket as it is; what it says over what was there. Without one it stays as it is. */
export async function routeTicket(
  tx: Tx,
  actor: Actor,
  { ticket: reference, if_match }: { ticket: TicketReference; if_match?: readonly string[] | undefined },
): Promise<SeenTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (!canWork(ticket)) throw Forbidden()
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)
  if (ticket.status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
  const rules = await listRules(tx.db)
  const rule = firstMatch(rules, await routingFacts(tx.db, await routed(tx.db, ticket), rules))
  if (!rule) return ticket
  const plan = await planFor(tx.db, ticket, rule, 'for share')
  const { add_tags, ...changes } = plan.actions
  if (Object.keys(plan.actions).length === 0) return ticket
  // First the tags: the move may take the ticket out of the actor's sight.
  const tagged = add_tags ? await addTags(tx, actor, { ticket: ticket.id, tags: add_tags }) : ticket
  const changed = Object.keys(changes).length > 0 ? await updateTicket(tx, actor, { ticket: ticket.id, changes }) : tagged
  return changeTicket(tx, actor, changed, { set: {}, announce: [routedNews(rule, plan)] })
}
