import { limitTo } from '../../platform/database/dialect.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Move } from '../messages/index.ts'
import type { MergeRow } from './tables.ts'

/** Merges of a ticket that its reader sees, into it and out of it, newest first. */
export async function listMerges(
  db: Reader,
  { ticket_id, before, limit }: { ticket_id: string; before: string | undefined; limit: number },
): Promise<MergeRow[]> {
  const onSide = (side: 'ticket_id' | 'into_id'): Promise<MergeRow[]> =>
    db
      .selectFrom('ticket_merges')
      .selectAll()
      .where(side, '=', ticket_id)
      .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
      .orderBy('id', 'desc')
      .limit(limitTo(db, limit))
      .execute()
  // One after the other: a reader needs no second connection.
  const out = await onSide('ticket_id')
  const into = await onSide('into_id')
  return [...out, ...into].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit)
}

/** The merge by which a ticket is where it is. */
export async function mergeOf(db: Reader, ticket_id: string): Promise<MergeRow | undefined> {
  const merges = db.selectFrom('ticket_merges').selectAll().where('ticket_id', '=', ticket_id).where('undone_at', 'is', null)
  return merges.orderBy('id', 'desc').limit(1).executeTakeFirst()
}

/** The merges by which other tickets are in one, oldest first. */
export async function mergesInto(db: Reader, into_ids: readonly string[]): Promise<MergeRow[]> {
  if (into_ids.length === 0) return []
  const merges = db
    .selectFrom('ticket_merges')
    .selectAll()
    .where('into_id', 'in', [...into_ids])
    .where('undone_at', 'is', null)
  return merges.orderBy('id').execute()
}

/** A ticket, and all that went into it, near and far. */
export async function familyOf(db: Reader, ticket_id: string): Promise<string[]> {
  const family = [ticket_id]
  for (let level = [ticket_id]; level.length > 0; ) {
    level = (await mergesInto(db, level)).map((merge) => merge.ticket_id)
    family.push(...level)
  }
  return family
}

/** The messages that came with a merge and are still in the ticket that they came into, with the places that they had before. */
export async function broughtBy(db: Reader, { id, into_id }: MergeRow): Promise<Move[]> {
  return db
    .selectFrom('merged_messages')
    .innerJoin('messages', 'messages.id', 'merged_messages.message_id')
    .select(['messages.id', 'merged_messages.place'])
    .where('merged_messages.merge_id', '=', id)
    .where('messages.ticket_id', '=', into_id)
    .orderBy('merged_messages.place')
    .execute()
}

/** Whether something of what came with a merge shows on the public side of the ticket that it came into. */
export async function showsSome(db: Reader, { id, into_id }: MergeRow): Promise<boolean> {
  const shown = db
    .selectFrom('merged_messages')
    .innerJoin('messages', 'messages.id', 'merged_messages.message_id')
    .select('messages.id')
    .where('merged_messages.merge_id', '=', id)
    .where('messages.ticket_id', '=', into_id)
    .where('messages.visibility', '=', 'public')
  return (await shown.limit(1).executeTakeFirst()) !== undefined
}

/** A message that was written in the other ticket itself, after a merge. */
interface WrittenSince {
  id: string
  author_id: string
  addressed_ticket_id: string
}

/** What was written in the ticket that a merge went into since then, and came with no merge. */
export async function writtenSince(db: Reader, { into_id }: MergeRow, place: number): Promise<WrittenSince[]> {
  return db
    .selectFrom('messages')
    .select(['messages.id', 'author_id', 'addressed_ticket_id'])
    .where('messages.ticket_id', '=', into_id)
    .where('messages.place', '>', place)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('merged_messages')
            .innerJoin('ticket_merges', 'ticket_merges.id', 'merged_messages.merge_id')
            .select('merged_messages.message_id')
            .whereRef('merged_messages.message_id', '=', 'messages.id')
            .where('ticket_merges.into_id', '=', into_id)
            .where('ticket_merges.undone_at', 'is', null),
        ),
      ),
    )
    .orderBy('messages.place')
    .execute()
}
