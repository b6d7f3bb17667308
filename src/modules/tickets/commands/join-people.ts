import { fromJson, toJson } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { insertRows } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { type News, news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { participantAdded, participantRemoved, ticketTagged, ticketUntagged } from '../events.ts'
import { PARTICIPANTS_MAX } from '../participant.ts'
import { TooManyParticipants, TooManyTags } from '../problems.ts'
import type { ParticipantRow, TicketRow } from '../tables.ts'
import { TAGS_MAX } from '../ticket.ts'

/** Tags and people that one ticket has and another gets, or gives back. */
export interface Joined {
  tags: string[]
  people: Pick<ParticipantRow, 'user_id' | 'role'>[]
}

/** What another ticket would get from this one: its tags and all its people, who raised it as cc. */
export async function joinedOf(db: Reader, ticket_id: string): Promise<Joined> {
  const rows = db.selectFrom('tickets').select(['requester_id', 'tags']).where('id', '=', ticket_id)
  const { requester_id, tags } = await rows.executeTakeFirstOrThrow()
  const others = (await participantsOf(db, ticket_id)).filter(({ user_id, role }) => user_id !== requester_id || role !== 'cc')
  return { tags: fromJson<string[]>(tags), people: [{ user_id: requester_id, role: 'cc' }, ...others] }
}

/** Who takes part in a ticket, but for the one who raised it. */
export function participantsOf(db: Reader, ticket_id: string): Promise<Joined['people']> {
  const rows = db.selectFrom('ticket_participants').select(['user_id', 'role']).where('ticket_id', '=', ticket_id)
  return rows.orderBy('created_at').orderBy('user_id').execute()
}

/** What is written and said of a ticket when tags and people were added or removed; `done` is what was not there, or was. */
interface Joining {
  set: Partial<TicketRow>
  announce: News[]
  done: Joined
}

/** Adds tags and people to a ticket whose row is locked; what it has already is left alone. Say it with its next change. */
export async function addJoined(tx: Tx, ticket: TicketRow, { tags, people }: Joined): Promise<Joining> {
  const present = fromJson<string[]>(ticket.tags)
  const newTags = tags.filter((tag) => !present.includes(tag))
  if (newTags.length > 0 && present.length + newTags.length > TAGS_MAX) throw TooManyTags()
  const there = await participantsOf(tx.db, ticket.id)
  const newPeople = people.filter(
    ({ user_id, role }) =>
      (role !== 'cc' || user_id !== ticket.requester_id) && !there.some((one) => one.user_id === user_id && one.role === role),
  )
  for (const role of ['cc', 'follower'] as const) {
    const isOfRole = (one: Joined['people'][number]): boolean => one.role === role
    const coming = newPeople.filter(isOfRole).length
    if (coming > 0 && there.filter(isOfRole).length + coming > PARTICIPANTS_MAX) throw TooManyParticipants()
  }
  await insertRows(
    tx.db,
    'ticket_tags',
    newTags.map((tag) => ({ ticket_id: ticket.id, tag })),
  )
  await insertRows(
    tx.db,
    'ticket_participants',
    newPeople.map((one) => ({ ticket_id: ticket.id, ...one, created_at: tx.now })),
  )
  return {
    set: newTags.length === 0 ? {} : { tags: toJson([...present, ...newTags].sort()) },
    announce: [
      ...newPeople.map((one) => news(participantAdded, { visibility: sideOf(one), data: { ...one } })),
      ...(newTags.length === 0 ? [] : [news(ticketTagged, { visibility: 'internal', data: { tags: newTags } })]),
    ],
    done: { tags: newTags, people: newPeople },
  }
}

/** Removes tags and people from a ticket whose row is locked; what is not there is no change. Say it with its next change. */
export async function removeJoined(tx: Tx, ticket: TicketRow, { tags, people }: Joined): Promise<Joining> {
  const present = fromJson<string[]>(ticket.tags)
  const gone = tags.filter((tag) => present.includes(tag))
  if (gone.length > 0) await tx.db.deleteFrom('ticket_tags').where('ticket_id', '=', ticket.id).where('tag', 'in', gone).execute()
  const there = await participantsOf(tx.db, ticket.id)
  const leaving = people.filter(({ user_id, role }) => there.some((one) => one.user_id === user_id && one.role === role))
  for (const { user_id, role } of leaving)
    await tx.db
      .deleteFrom('ticket_participants')
      .where('ticket_id', '=', ticket.id)
      .where('user_id', '=', user_id)
      .where('role', '=', role)
      .execute()
  return {
    set: gone.length === 0 ? {} : { tags: toJson(present.filter((tag) => !gone.includes(tag))) },
    announce: [
      ...leaving.map((one) => news(participantRemoved, { visibility: sideOf(one), data: { ...one } })),
      ...(gone.length === 0 ? [] : [news(ticketUntagged, { visibility: 'internal', data: { tags: gone } })]),
    ],
    done: { tags: gone, people: leaving },
  }
}

function sideOf({ role }: Joined['people'][number]): 'public' | 'internal' {
  return role === 'cc' ? 'public' : 'internal'
}

/**
 * Who comes from another ticket wants to hear of this one what he said that he wants to hear of that one: nobody is called into a
 * conversation that he has switched off. What he has said of this one stays.
 */
export async function carryNotify(
  tx: Tx,
  { from, to, user_ids }: { from: string; to: string; user_ids: readonly string[] },
): Promise<void> {
  if (user_ids.length === 0) return
  const said = tx.db.selectFrom('ticket_preferences').select(['user_id', 'notify']).where('ticket_id', '=', from)
  for (const one of await said.where('user_id', 'in', [...user_ids]).execute())
    await insertIfAbsent(tx.db, 'ticket_preferences', { ticket_id: to, ...one, updated_at: tx.now })
}
