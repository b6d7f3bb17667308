import { sql } from 'kysely'
import type { Database } from './database/database.ts'
import { byIndex } from './database/dialect.ts'
import { logBounds } from './log-bounds.ts'

/** How many positions are looked at, or events taken away, in one step: each is a short transaction. */
const STEP = 1000

/**
 * Ends the following of events that happened before a time, and takes away those of them that belong to no ticket; where something is
 * still owed after one, it waits for that. Answers how many went. May run twice, and on several nodes at once.
 */
export async function retireEvents(database: Database, before: number): Promise<number> {
  while (await moveFloor(database, before));
  const { floor } = await logBounds(database.reader)
  let total = 0
  for (;;) {
    const count = await removeStep(database, floor)
    total += count
    if (count < STEP) return total
  }
}

/** Moves the floor up to the first event that is young enough, at most a step; answers whether it moved. */
async function moveFloor(database: Database, before: number): Promise<boolean> {
  const { floor, head } = await logBounds(database.reader)
  const upTo = Math.min(floor + STEP, head)
  const young = await database.reader
    .selectFrom('events')
    .select('position')
    .where('position', '>', floor)
    .where('position', '<=', upTo)
    .where('occurred_at', '>=', before)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst()
  const next = young?.position ? young.position - 1 : upTo
  if (next <= floor) return false
  // It never goes back: another node may be ahead.
  await database.write((db) =>
    db.updateTable('log_head').set({ floor: next }).where('id', '=', 1).where('floor', '<', next).execute(),
  )
  return true
}

async function removeStep(database: Database, floor: number): Promise<number> {
  const { reader } = database
  const { rows } = await sql<{ id: string }>`select events.id from ${byIndex(reader, 'events', 'ticket')}
    where ticket_id is null and position <= ${floor}
      and not exists (select 1 from deliveries where deliveries.event_id = events.id and deliveries.state <> 'done')
    order by position limit ${STEP}`.execute(reader)
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await database.write((db) => db.deleteFrom('events').where('id', 'in', ids).execute())
  return ids.length
}
