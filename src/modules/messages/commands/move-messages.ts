import { sql } from 'kysely'
import { moveDocuments } from '../../../platform/database/search.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Move } from '../place.ts'

// So many in one statement: a bound for its length.
const AT_ONCE = 500

/** Moves messages into a ticket, to places that nobody has there. The rows of both tickets are locked. */
export async function moveMessages(tx: Tx, { moves, into }: { moves: readonly Move[]; into: string }): Promise<void> {
  for (const some of chunks(moves))
    await tx.db
      .updateTable('messages')
      .set((eb) => ({ ticket_id: into, place: placeFrom(some), version: eb('version', '+', 1), updated_at: tx.now }))
      .where('id', 'in', idsOf(some))
      .execute()
  await moveDocuments(tx.db, 'ticket_search', { ids: idsOf(moves), owner_id: into })
}

/** Gives messages of a ticket other places: nobody sees these, only the order that they make. */
export async function shiftMessages(tx: Tx, moves: readonly Move[]): Promise<void> {
  // By way of places that nobody can have: two of them may change places.
  const aside = moves.map(({ id, place }) => ({ id, place: -place }))
  for (const step of [aside, moves])
    for (const some of chunks(step))
      await tx.db
        .updateTable('messages')
        .set({ place: placeFrom(some) })
        .where('id', 'in', idsOf(some))
        .execute()
}

function placeFrom(moves: readonly Move[]) {
  return sql<number>`case id ${sql.join(
    moves.map(({ id, place }) => sql`when ${id} then ${sql.lit(place)}`),
    sql` `,
  )} end`
}

function idsOf(moves: readonly Move[]): string[] {
  return moves.map(({ id }) => id)
}

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, i) => all.slice(i * AT_ONCE, (i + 1) * AT_ONCE))
}
