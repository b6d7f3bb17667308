import type { Clock } from './clock.ts'
import { fromJson } from './codecs.ts'
import type { Database } from './database/database.ts'
import { isAway, isTransient } from './database/errors.ts'
import type { Reader } from './database/schema.ts'
import type { Reaction, StoredEvent } from './events.ts'
import { newId } from './ids.ts'
import { endsWithin } from './patience.ts'
import type { DeliveryRow, EventRow } from './tables.ts'
import { writeTogether } from './together.ts'
import { traceOf } from './tracing/trace-rows.ts'
import { type Tracing, traced } from './tracing/tracing.ts'
import { createWorker, type Worker } from './worker.ts'

const BATCH = 50
const LEASE_MS = 120_000
const POLL_MS = 1000
// What falls due at the same time is claimed together.
const GATHER_MS = 10
const PATIENCE_MS = 5000

/** After this many tries a delivery is dead: some five days of back-off. */
export const MAX_ATTEMPTS = 30

/** How long to wait after a failed try: 20 s, doubled up to six hours, with a tenth of jitter. */
export function backoffMs(attempt: number, random: number = Math.random()): number {
  return Math.round(Math.min(20_000 * 2 ** (attempt - 1), 21_600_000) * (0.95 + random * 0.1))
}

/** One try of a delivery. */
export interface Tried {
  delivery: DeliveryRow
  request_id: string | null
  /** Absent when it went well. */
  failure?: { error: unknown; dead: boolean }
}

interface House {
  database: Database
  clock: Clock
  reactions: readonly Reaction[]
  /** Told of every try: the request that it goes back to, and how it ended. */
  onTried: (tried: Tried) => void
  onError: (error: unknown) => void
  /** How long a stop waits for reactions that have begun before other nodes may have what they hold. */
  patienceMs?: number
  /** Writes down that a delivery went well. */
  finishDone: (delivery: DeliveryRow) => Promise<unknown>
  tracing?: Tracing | undefined
}

/**
 * Runs what is owed: claims due deliveries in batches under a lease, and runs their reactions, so many at a time. A stop waits for
 * them, and gives back what takes too long: another node may then have it at once.
 */
export function createDispatcher(parts: Omit<House, 'finishDone'>): Worker {
  const house: House = { ...parts, finishDone: writeTogether({ most: BATCH, write: (batch) => finishAll(parts, batch) }) }
  const byName = new Map(house.reactions.map((reaction) => [reaction.name, reaction]))
  const running = new Map<Promise<void>, DeliveryRow>()
  const worker = createWorker({
    pollMs: POLL_MS,
    run: async () => {
      const free = BATCH - running.size
      // Who is done wakes the worker: one that hangs holds up nobody else.
      const claimed = free > 0 ? await claim(house, free) : []
      for (const delivery of claimed) {
        const one = runOne(house, byName, delivery).finally(() => {
          running.delete(one)
          gather()
        })
        running.set(one, delivery)
      }
      return claimed.length > 0
    },
    onError: (error) => {
      if (!isAway(error) && !isTransient(error)) house.onError(error)
    },
  })
  let gathering: NodeJS.Timeout | undefined
  const gather = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      worker.wake()
    }, GATHER_MS)
  }
  const rest = async (): Promise<void> => {
    while (running.size > 0) await Promise.allSettled(running.keys())
  }
  return {
    wake: gather,
    settle: async () => {
      do {
        await worker.settle()
        await rest()
        await worker.settle()
      } while (running.size > 0)
    },
    stop: async () => {
      clearTimeout(gathering)
      await worker.stop()
      if (!(await endsWithin(house.patienceMs ?? PATIENCE_MS, rest()))) await giveBack(house, [...running.values()])
      clearTimeout(gathering)
    },
  }
}

/** Takes due deliveries, and those whose lease ran out, by a conditional update: two nodes never hold the same one. */
async function claim({ database, clock }: House, limit: number): Promise<DeliveryRow[]> {
  const now = clock.now()
  const candidates = await dueDeliveries(database.reader, { now, limit })
  if (candidates.length === 0) return []
  const lease_token = newId('lea')
  return database.write(async (db) => {
    await db
      .updateTable('deliveries')
      .set((eb) => ({ state: 'leased' as const, lease_token, due_at: now + LEASE_MS, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', candidates)
      .where('state', 'in', ['due', 'leased'])
      .where('due_at', '<=', now)
      .execute()
    return db.selectFrom('deliveries').selectAll().where('lease_token', '=', lease_token).orderBy('id').execute()
  })
}

/** Lets others have what this node holds. Who still runs it may not say any more how it ended. */
async function giveBack({ database, clock, onError }: House, held: readonly DeliveryRow[]): Promise<void> {
  const ids = held.map(({ id }) => id)
  const tokens = [...new Set(held.map(({ lease_token }) => lease_token))]
  try {
    await database.write((db) =>
      db
        .updateTable('deliveries')
        .set((eb) => ({ state: 'due' as const, lease_token: null, due_at: clock.now(), attempts: eb('attempts', '-', 1) }))
        .where('id', 'in', ids)
        .where('lease_token', 'in', tokens)
        .execute(),
    )
  } catch (error) {
    // Then it is given back when the lease has run out.
    if (!isAway(error) && !isTransient(error)) onError(error)
  }
}

async function dueDeliveries(db: Reader, { now, limit }: { now: number; limit: number }): Promise<string[]> {
  const rows = await db
    .selectFrom('deliveries as d')
    .select('d.id')
    .where('d.state', 'in', ['due', 'leased'])
    .where('d.due_at', '<=', now)
    .where(({ eb, or, not, exists, selectFrom }) =>
      or([
        eb('d.order_key', 'is', null),
        not(
          exists(
            selectFrom('deliveries as earlier')
              .select('earlier.id')
              .whereRef('earlier.order_key', '=', 'd.order_key')
              .whereRef('earlier.reaction', '=', 'd.reaction')
              .whereRef('earlier.order_seq', '<', 'd.order_seq')
              .where('earlier.state', 'in', ['due', 'leased']),
          ),
        ),
      ]),
    )
    .orderBy('d.due_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Never rejects: what could not be written down is tried again when the lease has run out. */
async function runOne(house: House, reactions: Map<string, Reaction>, delivery: DeliveryRow): Promise<void> {
  try {
    await tryOne(house, reactions, delivery)
  } catch (error) {
    if (!isAway(error) && !isTransient(error)) house.onError(error)
  }
}

async function tryOne(house: House, reactions: Map<string, Reaction>, delivery: DeliveryRow): Promise<void> {
  const { database, clock } = house
  let request_id: string | null = null
  try {
    const reaction = reactions.get(delivery.reaction)
    if (!reaction) throw new Error(`no reaction is called ${delivery.reaction}`)
    const row = await database.reader
      .selectFrom('events')
      .selectAll()
      .where('id', '=', delivery.event_id)
      .executeTakeFirstOrThrow()
    request_id = row.request_id
    const event = toStoredEvent(row)
    await withinItsTrace(house, delivery, () => reaction.handle({ id: delivery.id, attempt: delivery.attempts, event }))
    await house.finishDone(delivery)
    house.onTried({ delivery, request_id })
  } catch (error) {
    const dead = delivery.attempts >= MAX_ATTEMPTS
    house.onTried({ delivery, request_id, failure: { error, dead } })
    await finish(house, delivery, {
      state: dead ? 'dead' : 'due',
      due_at: clock.now() + backoffMs(delivery.attempts),
      finished_at: dead ? clock.now() : null,
      last_error: (error instanceof Error ? error.message : String(error)).slice(0, 500),
    })
  }
}

/** Writes down that deliveries went well, as far as their leases are still held. */
async function finishAll<T extends readonly DeliveryRow[]>(
  { database, clock }: Pick<House, 'database' | 'clock'>,
  batch: T,
): Promise<T> {
  const tokens = new Set(batch.flatMap(({ lease_token }) => lease_token ?? []))
  await database.write((db) =>
    db
      .updateTable('deliveries')
      .set({ state: 'done', finished_at: clock.now(), last_error: null, lease_token: null })
      .where(
        'id',
        'in',
        batch.map(({ id }) => id),
      )
      .where('lease_token', 'in', [...tokens])
      .execute(),
  )
  return batch
}

/** Only who still holds the lease may say how it ended. */
async function finish({ database }: House, delivery: DeliveryRow, outcome: Partial<DeliveryRow>): Promise<void> {
  await database.write(async (db) => {
    await db
      .updateTable('deliveries')
      .set({ ...outcome, lease_token: null })
      .where('id', '=', delivery.id)
      .where('lease_token', '=', delivery.lease_token)
      .execute()
  })
}

/** Goes on with the trace of the event, if one is recorded. */
async function withinItsTrace({ tracing, database }: House, delivery: DeliveryRow, work: () => Promise<void>): Promise<void> {
  const parent = tracing && (await traceOf(database.reader, delivery.event_id))
  if (parent === undefined) return work()
  const { id, event_id, reaction, attempts } = delivery
  const attributes = { 'beckon.delivery.id': id, 'beckon.event.id': event_id, 'beckon.attempt': attempts }
  await traced(tracing, { name: `deliver ${reaction}`, kind: 'consumer', parent, attributes }, work)
}

function toStoredEvent(row: EventRow): StoredEvent {
  return {
    id: row.id,
    type: row.type,
    subject: {
      type: row.subject_type,
      id: row.subject_id,
      version: row.subject_version,
      ...(row.subject_public_version === null ? {} : { public_version: row.subject_public_version }),
    },
    ticket_id: row.ticket_id,
    visibility: row.visibility,
    actor: { type: row.actor_type, id: row.actor_id },
    data: fromJson(row.data),
    previous: row.previous === null ? null : fromJson(row.previous),
    request_id: row.request_id,
    occurred_at: row.occurred_at,
  }
}

/** Deliveries in a state, oldest first: what the CLI shows. */
export async function listDeliveries(
  db: Reader,
  { state, limit }: { state: DeliveryRow['state']; limit: number },
): Promise<DeliveryRow[]> {
  return db.selectFrom('deliveries').selectAll().where('state', '=', state).orderBy('due_at').orderBy('id').limit(limit).execute()
}

/** Makes dead (or waiting) deliveries due now, with a fresh count of tries. Answers how many. */
export async function retryDeliveries(db: Reader, { ids, now }: { ids: string[] | 'all dead'; now: number }): Promise<number> {
  if (Array.isArray(ids) && ids.length === 0) return 0
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state: 'due', due_at: now, attempts: 0, lease_token: null, finished_at: null })
    .where('state', 'in', ids === 'all dead' ? ['dead'] : ['dead', 'due'])
    .$if(ids !== 'all dead', (query) => query.where('id', 'in', ids as string[]))
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
