import type { Clock } from './clock.ts'
import type { Database } from './database/database.ts'
import { createWorker, type Worker } from './worker.ts'

const EVERY_MS = 3_600_000
// For the first time so long after the start: some hosts start a node anew more often than once an hour.
const FIRST_AFTER_MS = 300_000
const BATCH = 1000
const KEEP_DELIVERIES_MS = 7 * 86_400_000

/** Something that takes away what nobody needs any more, in bounded steps. Answers how many rows. */
export type Chore = () => Promise<number>

/** Runs the chores five minutes after the start and then once an hour, on every node: they may run twice, and at the same time. */
export function createHousekeeper({ chores, onError }: { chores: readonly Chore[]; onError: (error: unknown) => void }): Worker {
  const worker = createWorker({
    pollMs: EVERY_MS,
    run: async () => {
      // One that fails keeps no other from its work.
      for (const chore of chores) await chore().catch(onError)
      return false
    },
    onError,
  })
  const first = setTimeout(worker.wake, FIRST_AFTER_MS)
  first.unref()
  const stop = (): Promise<void> => {
    clearTimeout(first)
    return worker.stop()
  }
  return { ...worker, stop }
}

/** Takes away deliveries that were done a week ago; dead ones stay until somebody looks at them. */
export async function pruneDeliveries(database: Database, clock: Clock): Promise<number> {
  return inBatches(async () => {
    const old = await database.reader
      .selectFrom('deliveries')
      .select('id')
      .where('state', '=', 'done')
      .where('due_at', '<', clock.now() - KEEP_DELIVERIES_MS)
      .limit(BATCH)
      .execute()
    const ids = old.map(({ id }) => id)
    if (ids.length > 0) await database.write((db) => db.deleteFrom('deliveries').where('id', 'in', ids).execute())
    return ids.length
  })
}

/** Takes away answers that no retry gets any more. */
export async function pruneIdempotencyKeys(database: Database, olderThan: number): Promise<number> {
  return inBatches(async () => {
    const old = await database.reader
      .selectFrom('idempotency_keys')
      .select(['principal_id', 'idempotency_key'])
      .where('created_at', '<', olderThan)
      .limit(BATCH)
      .execute()
    if (old.length > 0)
      await database.write(async (db) => {
        for (const { principal_id, idempotency_key } of old)
          await db
            .deleteFrom('idempotency_keys')
            .where('principal_id', '=', principal_id)
            .where('idempotency_key', '=', idempotency_key)
            // A key that was taken anew in between stays.
            .where('created_at', '<', olderThan)
            .execute()
      })
    return old.length
  })
}

async function inBatches(step: () => Promise<number>): Promise<number> {
  let total = 0
  for (;;) {
    const count = await step()
    total += count
    if (count < BATCH) return total
  }
}
