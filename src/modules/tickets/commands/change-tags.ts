import type { Actor } from '../../../platform/actor.ts'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import { insertRows } from '../../../platform/database/prepared.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket } from '../change.ts'
import { ticketTagged, ticketUntagged } from '../events.ts'
import { canWork } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { TooManyTags } from '../problems.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { foldTag, TAGS_MAX, ticketEtag } from '../ticket.ts'

interface Which {
  ticket: TicketReference
  if_match?: readonly string[] | undefined
}

/** Adds tags; those that the ticket has already are no change. */
export async function addTags(tx: Tx, actor: Actor, { tags, ...which }: Which & { tags: string[] }): Promise<SeenTicket> {
  const { ticket, present } = await taggable(tx, actor, which)
  const added = [...new Set(tags.map(foldTag))].filter((tag) => !present.includes(tag)).sort()
  if (added.length === 0) return ticket
  if (present.length + added.length > TAGS_MAX) throw TooManyTags()
  await insertRows(
    tx.db,
    'ticket_tags',
    added.map((tag) => ({ ticket_id: ticket.id, tag })),
  )
  return changeTicket(tx, actor, ticket, {
    set: { tags: toJson([...present, ...added].sort()) },
    announce: [news(ticketTagged, { visibility: 'internal', data: { tags: added } })],
  })
}

/** Removes a tag; one that the ticket has not is no change. */
export async function removeTag(tx: Tx, actor: Actor, { tag: given, ...which }: Which & { tag: string }): Promise<SeenTicket> {
  const { ticket, present } = await taggable(tx, actor, which)
  const tag = foldTag(given)
  if (!present.includes(tag)) return ticket
  await tx.db.deleteFrom('ticket_tags').where('ticket_id', '=', ticket.id).where('tag', '=', tag).execute()
  return changeTicket(tx, actor, ticket, {
    set: { tags: toJson(present.filter((other) => other !== tag)) },
    announce: [news(ticketUntagged, { visibility: 'internal', data: { tags: [tag] } })],
  })
}

async function taggable(
  tx: Tx,
  actor: Actor,
  { ticket: reference, if_match }: Which,
): Promise<{ ticket: SeenTicket; present: string[] }> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  if (!canWork(ticket)) throw Forbidden()
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)
  return { ticket, present: fromJson<string[]>(ticket.tags) }
}
