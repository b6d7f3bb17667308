import type { Actor } from '../../../platform/actor.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden, invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findUser } from '../../directory/index.ts'
import { writeLink } from '../../links/index.ts'
import { type MessageOutline, moveMessages, outlineOf, placeOf, spread, tallyOf } from '../../messages/index.ts'
import {
  changeTicket,
  getVisibleTicket,
  type NewTicket,
  openSplitOff,
  participantsOf,
  type SeenTicket,
  type TicketReference,
  ticketEtag,
} from '../../tickets/index.ts'
import { ticketSplit, ticketSplitOff } from '../events.ts'
import { TOGETHER_MAX } from '../merge.ts'
import type { Moving } from '../moving.ts'
import { newsOfEach } from '../news-of-moved.ts'
import { canMerge } from '../policy.ts'
import { requireUnmerged } from './merge-ticket.ts'

interface Split {
  ticket: TicketReference
  message_ids: readonly string[]
  subject?: string | undefined
  queue_id?: string | undefined
  requester_id?: string | undefined
  if_match?: readonly string[] | undefined
  moving: Moving
}

/**
 * Moves messages of a ticket into a new one, which points back. Only who has seen them before sees them there: who wrote the first
 * public one raised it, the others who wrote are cc.
 */
export async function splitTicket(tx: Tx, actor: Actor, split: Split): Promise<NewTicket> {
  const ticket = await getVisibleTicket(tx.db, actor, split.ticket, 'for update')
  if (!canMerge(actor, ticket)) throw Forbidden({ detail: 'Only who works on the ticket splits it.' })
  requireMatch(split.if_match, ticketEtag(ticket, ticket.view), ticket.version)
  requireUnmerged(ticket)
  const moved = requireDivisible(await outlineOf(tx.db, ticket.id, TOGETHER_MAX), split.message_ids)
  const { requester_id, takesPart, cc } = await peopleOf(tx, actor, { ticket, moved, wanted: split.requester_id })
  const requester = await requesterOf(tx, requester_id, takesPart)

  const origin = { from_ticket_id: ticket.id }
  const begun = newsOfEach(moved, (visibility, message_ids) =>
    news(ticketSplitOff, { visibility, data: { ...origin, message_ids } }),
  )
  const places = spread(moved.length, { after: placeOf(1), before: placeOf(2) }) ?? []
  const opened = await openSplitOff(tx, actor, {
    ...split,
    ...{ from: ticket, requester, cc },
    beginning: {
      tally: tallied(moved),
      news_count: begun.length,
      bring: async ({ id }) => {
        const moves = moved.map((message, i) => ({ id: message.id, place: places[i] ?? 0 }))
        await split.moving(tx, [ticket.id, id], () => moveMessages(tx, { moves, into: id }))
        return begun
      },
    },
  })
  const target = { into_ticket_id: opened.ticket.id }
  const announce = newsOfEach(moved, (visibility, message_ids) =>
    news(ticketSplit, { visibility, data: { ...target, message_ids } }),
  )
  const left = await changeTicket(tx, actor, ticket, { set: await tallyOf(tx.db, ticket.id), announce })
  const linked = await writeLink(tx, actor, { ticket: opened.ticket, other: left, kind: 'split_from' })
  return { ...opened, ticket: linked.ticket }
}

/** The messages that go; something that its requester sees stays, if he saw something. */
function requireDivisible(all: readonly MessageOutline[], message_ids: readonly string[]): MessageOutline[] {
  const known = new Set(all.map(({ id }) => id))
  const missing = message_ids.findIndex((id) => !known.has(id))
  if (missing >= 0) throw invalidField(`/message_ids/${missing}`, 'not_found', 'There is no such message in this ticket.')
  const moved = all.filter(({ id }) => message_ids.includes(id))
  const staying = all.filter(({ id }) => !message_ids.includes(id))
  const takesPublic = moved.some(({ visibility }) => visibility === 'public')
  if (staying.length === 0 || (takesPublic && !staying.some(({ visibility }) => visibility === 'public')))
    throw invalidField(
      '/message_ids',
      'nothing_left',
      'At least one message stays in the ticket, a public one if public ones go.',
    )
  return moved
}

/** Who raised the new ticket, and who is its cc: nobody who has not seen what goes there. */
async function peopleOf(
  tx: Tx,
  actor: Actor,
  { ticket, moved, wanted }: { ticket: SeenTicket; moved: readonly MessageOutline[]; wanted: string | undefined },
): Promise<{ requester_id: string; takesPart: boolean; cc: string[] }> {
  const copied = (await participantsOf(tx.db, ticket.id)).filter(({ role }) => role === 'cc').map(({ user_id }) => user_id)
  const readers = [ticket.requester_id, ...copied]
  const shown = moved.filter(({ visibility }) => visibility === 'public')
  const writers = [...new Set(shown.map(({ author_id }) => author_id))].filter((id) => readers.includes(id))
  const own = actor.type === 'user' ? actor.id : undefined
  if (wanted !== undefined && !readers.includes(wanted) && wanted !== own) throw noSuchRequester()
  // Of notes alone no requester learns: the ticket is its maker's.
  const requester_id = wanted ?? (shown.length === 0 ? own : (writers[0] ?? ticket.requester_id))
  if (requester_id === undefined)
    throw invalidField('/requester_id', 'required', 'An API key that splits off notes alone says who raised the new ticket.')
  return { requester_id, takesPart: readers.includes(requester_id), cc: writers.filter((id) => id !== requester_id) }
}

/**
 * The one who raised the new ticket, with the organization that it belongs to: none where he took no part on the public side of the old
 * one, for the manager of his organization knows nothing of that.
 */
async function requesterOf(tx: Tx, id: string, takesPart: boolean): Promise<{ id: string; organization_id: string | null }> {
  const requester = await findUser(tx.db, id)
  if (!requester) throw noSuchRequester()
  return { id, organization_id: takesPart ? requester.organization_id : null }
}

function noSuchRequester() {
  return invalidField('/requester_id', 'not_found', 'There is no such person who takes part in this ticket.')
}

function tallied(moved: readonly MessageOutline[]) {
  const shown = moved.filter(({ visibility }) => visibility === 'public')
  const last = (of: readonly MessageOutline[]) => (of.length === 0 ? null : Math.max(...of.map(({ created_at }) => created_at)))
  return {
    message_count: moved.length,
    public_message_count: shown.length,
    last_message_at: last(moved),
    public_last_message_at: last(shown),
  }
}
