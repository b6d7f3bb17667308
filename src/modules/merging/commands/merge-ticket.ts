import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { insertRow, insertRows } from '../../../platform/database/prepared.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { newId } from '../../../platform/ids.ts'
import { Forbidden, invalidField } from '../../../platform/problems.ts'
import { setTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import {
  type MessageOutline,
  moveMessages,
  outlineOf,
  placeOf,
  placesAmong,
  shiftMessages,
  tallyOf,
} from '../../messages/index.ts'
import {
  addJoined,
  carryNotify,
  changeTicket,
  closeAsMerged,
  joinedOf,
  lockPair,
  type SeenTicket,
  standingBefore,
  TicketClosed,
  TicketMerged,
  type TicketReference,
  ticketEtag,
} from '../../tickets/index.ts'
import { ticketAbsorbed, ticketMerged } from '../events.ts'
import { FORGET_AFTER_MS, MOVED_MAX, TOGETHER_MAX } from '../merge.ts'
import type { Moving } from '../moving.ts'
import { newsOfMerge, sideOf } from '../news-of-moved.ts'
import { canMerge } from '../policy.ts'
import { TooManyMessages } from '../problems.ts'
import { FORGET } from './forget-merge.ts'

interface Merge {
  ticket: TicketReference
  into: TicketReference
  if_match?: readonly string[] | undefined
  moving: Moving
}

/**
 * Puts a ticket into another one: its messages move there, by their times, its tags and people join, and it is closed. What is
 * written to it from then on goes there, too.
 */
export async function mergeTicket(tx: Tx, actor: Actor, { if_match, moving, ...named }: Merge): Promise<SeenTicket> {
  const { ticket, other: into } = await lockPair(tx, actor, { ticket: named.ticket, other: named.into })
  if (!canMerge(actor, ticket)) throw Forbidden({ detail: 'Only who works on both tickets merges them.' })
  if (!into || !canMerge(actor, into))
    throw invalidField('/into_ticket_id', 'not_found', 'There is no such ticket that you work on.')
  if (ticket.id === into.id) throw invalidField('/into_ticket_id', 'same_ticket', 'A ticket is not merged into itself.')
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)
  for (const one of [ticket, into]) requireUnmerged(one)

  const id = newId('mrg')
  const moved = await moving(tx, [ticket.id, into.id], () => bring(tx, { id, ticket, into }))
  const side = sideOf(moved)
  const { tags, people } = await joinedOf(tx.db, ticket.id)
  // Where notes alone come, nobody on the public side is told of it.
  const joined = await addJoined(tx, into, { tags, people: people.filter(({ role }) => role !== 'cc' || side === 'public') })
  await carryNotify(tx, { from: ticket.id, to: into.id, user_ids: joined.done.people.map(({ user_id }) => user_id) })
  await insertRow(tx.db, 'ticket_merges', {
    ...{ id, ticket_id: ticket.id, into_id: into.id, into_seq: into.last_seq },
    ticket_before: toJson(standingBefore(ticket)),
    added: toJson(joined.done),
    message_count: moved.length,
    ...{ merged_by_type: actor.type, merged_by_id: actor.id, created_at: tx.now },
    ...{ undone_at: null, undone_by_type: null, undone_by_id: null, updated_at: tx.now, version: 1 },
  })
  await setTimer(tx, { kind: FORGET, subject_id: id, due_at: tx.now + FORGET_AFTER_MS })

  const closing = closeAsMerged(ticket, tx.now)
  const went = news(ticketMerged, { visibility: 'public', data: { into_ticket_id: into.id, merge_id: id } })
  const changed = await changeTicket(tx, actor, ticket, {
    set: { ...closing.set, merged_into_id: into.id, ...(await tallyOf(tx.db, ticket.id)) },
    announce: [went, ...closing.announce],
  })
  const came = newsOfMerge(ticketAbsorbed, moved, { from_ticket_id: ticket.id, merge_id: id })
  await changeTicket(tx, actor, into, {
    set: { ...(await tallyOf(tx.db, into.id)), ...joined.set },
    announce: [...came, ...joined.announce],
  })
  return changed
}

/** 409 unless the ticket can be taken apart or put together: what is closed stays as it is. */
export function requireUnmerged({ merged_into_id, status_category }: SeenTicket): void {
  if (merged_into_id !== null) throw TicketMerged({ members: { merged_into_id } })
  if (status_category === 'closed') throw TicketClosed({ members: { allowed: [] } })
}

/** Moves all messages of a ticket among those of the other one, and remembers where they stood. */
async function bring(
  tx: Tx,
  { id, ticket, into }: { id: string; ticket: SeenTicket; into: SeenTicket },
): Promise<MessageOutline[]> {
  const moved = await outlineOf(tx.db, ticket.id, MOVED_MAX + 1)
  const there = await outlineOf(tx.db, into.id, TOGETHER_MAX)
  if (moved.length > MOVED_MAX || there.length + moved.length > TOGETHER_MAX) throw TooManyMessages()
  const places = placesAmong(there, moved, placeOf(into.last_seq + 1))
  if (!places) throw TooManyMessages()
  for (let from = 0; from < moved.length; from += 500)
    await insertRows(
      tx.db,
      'merged_messages',
      moved.slice(from, from + 500).map((message) => ({ merge_id: id, message_id: message.id, place: message.place })),
    )
  await shiftMessages(tx, places.shifted)
  await moveMessages(tx, { moves: places.incoming, into: into.id })
  return moved
}
