import type { Actor } from '../../../platform/actor.ts'
import { fromJson, toJson } from '../../../platform/codecs.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import { clearTimer } from '../../../platform/timers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type MessageOutline, moveMessages, outlineOf, placeOf, spread, tallyOf } from '../../messages/index.ts'
import {
  changeTicket,
  getVisibleTicket,
  type Joined,
  joinedOf,
  lockPair,
  lockTicket,
  removeJoined,
  type SeenTicket,
  type StandingBefore,
  standAgain,
  TicketMerged,
  type TicketReference,
  ticketEtag,
} from '../../tickets/index.ts'
import { ticketParted, ticketUnmerged } from '../events.ts'
import { TOGETHER_MAX, UNDO_MS } from '../merge.ts'
import type { Moving } from '../moving.ts'
import { newsOfMerge } from '../news-of-moved.ts'
import { canMerge } from '../policy.ts'
import { MergeUndoOver, NotMerged, TooManyMessages } from '../problems.ts'
import { broughtBy, familyOf, mergeOf, mergesInto, showsSome, writtenSince } from '../queries.ts'
import type { MergeRow } from '../tables.ts'
import { FORGET, forgetMoved } from './forget-merge.ts'

interface Merged {
  ticket: SeenTicket
  into: SeenTicket
  merge: MergeRow
}

/**
 * Takes a merge back: the ticket gets what came from it and is still there, where it stood, and behind it what was written to it
 * since; everything else stays where it is. It stands again where it stood.
 */
export async function unmergeTicket(
  tx: Tx,
  actor: Actor,
  { ticket: reference, if_match, moving }: { ticket: TicketReference; if_match?: readonly string[] | undefined; moving: Moving },
): Promise<SeenTicket> {
  const merged = await requireUndoable(tx, actor, reference)
  const { ticket, into, merge } = merged
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)

  const returned = await moving(tx, [ticket.id, into.id], () => giveBack(tx, merged))
  await tx.db
    .updateTable('ticket_merges')
    .set({
      undone_at: tx.now,
      undone_by_type: actor.type,
      undone_by_id: actor.id,
      updated_at: tx.now,
      version: merge.version + 1,
    })
    .where('id', '=', merge.id)
    .execute()
  await forgetMoved(tx, merge.id)
  await clearTimer(tx, { kind: FORGET, subject_id: merge.id })
  const left = await removeJoined(tx, into, await leavingWith(tx, merged))

  const standing = await standAgain(tx, ticket, fromJson<StandingBefore>(merge.ticket_before))
  const back = news(ticketUnmerged, { visibility: 'public', data: { into_ticket_id: into.id, merge_id: merge.id } })
  const changed = await changeTicket(tx, actor, ticket, {
    set: { ...standing.set, merged_into_id: null, ...(await tallyOf(tx.db, ticket.id)) },
    announce: [back, ...standing.announce],
  })
  const gone = newsOfMerge(ticketParted, returned, { from_ticket_id: ticket.id, merge_id: merge.id })
  await changeTicket(tx, actor, into, {
    set: { ...(await tallyOf(tx.db, into.id)), ...left.set },
    announce: [...gone, ...left.announce],
  })
  return changed
}

/** A merge that the actor may undo now, with both tickets locked. */
async function requireUndoable(tx: Tx, actor: Actor, reference: TicketReference): Promise<Merged> {
  const seen = await getVisibleTicket(tx.db, actor, reference)
  if (!canMerge(actor, seen)) throw Forbidden({ detail: 'Only who works on both tickets takes them apart again.' })
  if (seen.merged_into_id === null) throw NotMerged()
  const { ticket, other: into } = await lockPair(tx, actor, { ticket: seen.id, other: seen.merged_into_id })
  const merge = await mergeOf(tx.db, ticket.id)
  // Somebody else was faster, or it went into another one meanwhile.
  if (!merge || ticket.merged_into_id !== seen.merged_into_id) throw NotMerged()
  if (!into && !(await lockTicket(tx, merge.into_id))) throw MergeUndoOver()
  if (!into || !canMerge(actor, into) || !canMerge(actor, ticket))
    throw Forbidden({ detail: 'Only who works on both tickets takes them apart again.' })
  if (tx.now >= merge.created_at + UNDO_MS) throw MergeUndoOver()
  const { merged_into_id } = into
  if (merged_into_id !== null)
    throw TicketMerged({ detail: 'The other ticket was merged, too: undo that first.', members: { merged_into_id } })
  return { ticket, into, merge }
}

/** Moves back what belongs to the ticket; answers what that is. */
async function giveBack(tx: Tx, { ticket, into, merge }: Merged): Promise<MessageOutline[]> {
  const brought = await broughtBy(tx.db, merge)
  const family = await familyOf(tx.db, ticket.id)
  const since = (await writtenSince(tx.db, merge, placeOf(merge.into_seq))).filter(({ addressed_ticket_id }) =>
    family.includes(addressed_ticket_id),
  )
  const bounds = { after: placeOf(ticket.last_seq), before: placeOf(ticket.last_seq + 1) }
  const behind = spread(since.length, bounds)
  if (!behind) throw TooManyMessages()
  const ids = new Set([...brought, ...since].map(({ id }) => id))
  const returned = (await outlineOf(tx.db, into.id, 2 * TOGETHER_MAX)).filter(({ id }) => ids.has(id))
  await moveMessages(tx, {
    moves: [...brought, ...since.map(({ id }, i) => ({ id, place: behind[i] ?? 0 }))],
    into: ticket.id,
  })
  return returned
}

/**
 * The tags and people that go with the ticket: those that came by the merge, but for whoever has written in the other ticket since,
 * and for what another merged ticket brings as well, which goes with that one then.
 */
async function leavingWith(tx: Tx, { into, merge }: Merged): Promise<Joined> {
  const added = fromJson<Joined>(merge.added)
  const others = await mergesInto(tx.db, [into.id])
  const kept: Joined = { tags: [], people: [] }
  for (const other of others) {
    const has = await joinedOf(tx.db, other.ticket_id)
    const tags = added.tags.filter((tag) => !kept.tags.includes(tag) && has.tags.includes(tag))
    const shows = await showsSome(tx.db, other)
    const people = added.people.filter(
      (one) => !isAmong(one, kept.people) && isAmong(one, has.people) && (one.role !== 'cc' || shows),
    )
    if (tags.length === 0 && people.length === 0) continue
    const own = fromJson<Joined>(other.added)
    const together = { tags: [...own.tags, ...tags], people: [...own.people, ...people] }
    await tx.db
      .updateTable('ticket_merges')
      .set({ added: toJson(together) })
      .where('id', '=', other.id)
      .execute()
    kept.tags.push(...tags)
    kept.people.push(...people)
  }
  const writers = (await writtenSince(tx.db, merge, placeOf(merge.into_seq))).map(({ author_id }) => author_id)
  return {
    tags: added.tags.filter((tag) => !kept.tags.includes(tag)),
    people: added.people.filter((one) => !isAmong(one, kept.people) && !writers.includes(one.user_id)),
  }
}

function isAmong({ user_id, role }: Joined['people'][number], people: Joined['people']): boolean {
  return people.some((one) => one.user_id === user_id && one.role === role)
}
