import type { Clock } from './clock.ts'
import type { Database } from './database/database.ts'
import { insertIfAbsent, limitTo, skipLocked } from './database/dialect.ts'
import { isAway, isTransient } from './database/errors.ts'
import { prepare, prepareWrite } from './database/prepared.ts'
import type { Reader } from './database/schema.ts'
import { newId } from './ids.ts'
import type { TimerRow } from './tables.ts'
import { type Tracing, traced } from './tracing/tracing.ts'
import type { TimerNotes, Transact, Tx } from './transaction.ts'
import { createWorker, type Worker } from './worker.ts'

/** A kind of timer and what happens when it is due. */
export interface TimerKind {
  /** `tickets.wake`, kept for ever: timers that wait name it. */
  name: string
  /**
   * Runs in one transaction, which also takes the timer away: exactly once. It locks its subject before it touches any timer.
   * What it finds may be newer than the timer; when the timer was moved or cleared meanwhile, all that it wrote is rolled back.
   * It may set its own timer again, which then stays, or clear it.
   */
  fire(tx: Tx, timer: { subject_id: string; due_at: number; generation: number }): Promise<void>
  /** Runs in the transaction that gives the timer up, after its last try. */
  giveUp?(tx: Tx, timer: { subject_id: string; error: string }): Promise<void>
}

/** What sets a timer anew, whatever became of it. */
const fresh = { state: 'due' as const, lease_token: null, attempts: 0, last_error: null }

type Named = Pick<TimerRow, 'kind' | 'subject_id'>
type Claim = Pick<TimerRow, 'id' | 'lease_token' | 'generation'>

const moveNamed = prepareWrite((db, { kind, subject_id, due_at, claim_at }: Named & { due_at: number; claim_at: number }) =>
  db
    .updateTable('timers')
    .set((eb) => ({ ...fresh, due_at, claim_at, generation: eb('generation', '+', 1) }))
    .where('kind', '=', kind)
    .where('subject_id', '=', subject_id),
)

const moveClaimed = prepareWrite(
  (db, { id, lease_token, generation, due_at, claim_at }: Claim & { due_at: number; claim_at: number }) =>
    db
      .updateTable('timers')
      .set((eb) => ({ ...fresh, due_at, claim_at, generation: eb('generation', '+', 1) }))
      .where('id', '=', id)
      .where('lease_token', '=', lease_token)
      .where('generation', '=', generation),
)

const deleteNamed = prepareWrite((db, { kind, subject_id }: Named) =>
  db.deleteFrom('timers').where('kind', '=', kind).where('subject_id', '=', subject_id),
)

const deleteClaimed = prepareWrite((db, { id, lease_token, generation }: Claim) =>
  db.deleteFrom('timers').where('id', '=', id).where('lease_token', '=', lease_token).where('generation', '=', generation),
)

/** Sets (or moves) the one timer of this kind and subject; its generation rises, so that an earlier claim of it does nothing. */
export async function setTimer(tx: Tx, timer: { kind: string; subject_id: string; due_at: number }): Promise<void> {
  const { kind, subject_id, due_at } = timer
  const times = { due_at, claim_at: due_at }
  tx.timers.earliest = Math.min(due_at, tx.timers.earliest ?? due_at)
  const firing = takeFiring(tx, timer)
  if (firing) {
    if ((await moveClaimed(tx.db, { ...firing, ...times })) === 0) throw new Stale()
    return
  }
  for (;;) {
    if ((await moveNamed(tx.db, { kind, subject_id, ...times })) > 0) return
    const row = { id: newId('tim'), kind, subject_id, generation: 1, ...fresh, ...times, created_at: tx.now }
    if (await insertIfAbsent(tx.db, 'timers', row)) return
  }
}

/** Takes the timer away, if there is one. */
export async function clearTimer(tx: Tx, timer: { kind: string; subject_id: string }): Promise<void> {
  const firing = takeFiring(tx, timer)
  if (firing) await remove(tx.db, firing)
  else await deleteNamed(tx.db, timer)
}

/** A claim on a timer, as far as it decides whether the claim still holds. */
type Firing = NonNullable<TimerNotes['firing']>

/** The claim was overtaken: the timer was moved, cleared or fired meanwhile. */
class Stale extends Error {}

/** The claim under which this transaction fires this very timer, once: whoever takes it must make sure that it still holds. */
function takeFiring(tx: Tx, { kind, subject_id }: { kind: string; subject_id: string }): Firing | null {
  const { firing } = tx.timers
  if (firing?.kind !== kind || firing.subject_id !== subject_id) return null
  tx.timers.firing = null
  return firing
}

async function remove(db: Reader, firing: Firing): Promise<void> {
  if ((await deleteClaimed(db, firing)) === 0) throw new Stale()
}

// Claimed at a time, and fired side by side. On SQLite those that wait together share a commit; on MySQL each takes a connection.
const HELD = { sqlite: 32, mysql: 16 } as const
const ABREAST = { sqlite: 16, mysql: 4 } as const
// What a killed node holds is free again after this: short, because correctness does not rest on it.
const LEASE_MS = 1000
const RENEW_MS = 300
/** Timers that other nodes set are seen within this; what is set for later needs no wake-up. */
export const LOOKS_AHEAD_MS = 1000
const BUSY_MS = 25
const SETTLE_ROUNDS = 10_000

/** After this many tries a timer is dead: more than three hours of back-off. */
export const MAX_ATTEMPTS = 30

/** How long to wait after a failed try: 1 s, doubled up to ten minutes. */
export function backoffMs(attempt: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 600_000)
}

/** One try of a timer. */
export interface Tried {
  timer: TimerRow
  /** Absent when it went well. */
  failure?: { error: unknown; dead: boolean }
}

interface House {
  database: Database
  clock: Clock
  transact: Transact
  kinds: readonly TimerKind[]
  /** Told of every try, but not of those that were overtaken. */
  onTried: (tried: Tried) => void
  onError: (error: unknown) => void
  tracing?: Tracing | undefined
}

/** Fires timers when they are due: sleeps until the next one, and claims those that are due in batches under a short lease. */
export function createTimekeeper(house: House): Worker {
  const { database, clock } = house
  const abreast = ABREAST[database.engine]
  const most = HELD[database.engine]
  const byName = new Map(house.kinds.map((kind) => [kind.name, kind]))
  const held = new Map<string, TimerRow>()
  const queue: TimerRow[] = []
  const lanes = new Set<Promise<void>>()
  const alarm = createAlarm(clock, () => worker.wake())

  const lane = async (): Promise<void> => {
    for (let timer = queue.shift(); timer; timer = queue.shift()) {
      // Whose lease ran out while it stood in line is somebody else's: to fire it in vain would make the line longer.
      if (clock.now() < timer.claim_at) await tryOne(house, byName.get(timer.kind), timer).catch((error) => tell(house, error))
      held.delete(timer.id)
      if (held.size === most / 2) worker.wake()
    }
  }
  const worker = createWorker({
    pollMs: LOOKS_AHEAD_MS,
    run: async () => {
      const next = await nextClaim(database.reader)
      if (next === null) return false
      if (next > clock.now()) {
        alarm.set(next)
        return false
      }
      const free = most - held.size
      if (free < most / 2) return false
      const claimed = await claim(house, free)
      for (const timer of claimed) held.set(timer.id, timer)
      queue.push(...claimed)
      while (queue.length > 0 && lanes.size < abreast) {
        const one = lane().finally(() => {
          lanes.delete(one)
          worker.wake()
        })
        lanes.add(one)
      }
      // Somebody else has them in hand: when he lets go without having moved them, they are still due.
      if (claimed.length === 0) alarm.soon()
      return claimed.length > 0
    },
    onError: (error) => {
      alarm.soon()
      tell(house, error)
    },
  })
  const renewal = setInterval(() => {
    if (held.size > 0) renew(house, [...held.values()]).catch((error) => tell(house, error))
  }, RENEW_MS)
  renewal.unref()

  const rest = async (): Promise<void> => {
    while (lanes.size > 0) await Promise.allSettled(lanes)
  }
  return {
    wake: worker.wake,
    settle: async () => {
      for (let round = 0; round < SETTLE_ROUNDS; round++) {
        await worker.settle()
        if (lanes.size === 0) return
        await rest()
      }
      throw new Error('timers set one another without end')
    },
    stop: async () => {
      alarm.stop()
      await worker.stop()
      // What nobody began is another node's at once.
      await giveBack(house, queue.splice(0)).catch((error) => tell(house, error))
      await rest()
      clearInterval(renewal)
    },
  }
}

/** Wakes when a moment of the clock has come. Moments further off than the poll are left to it. */
function createAlarm(clock: Clock, wake: () => void) {
  let timeout: NodeJS.Timeout | undefined
  let last = { now: Number.NaN, at: Number.NaN }
  const wakeIn = (ms: number): void => {
    clearTimeout(timeout)
    timeout = setTimeout(wake, ms)
    timeout.unref()
  }
  return {
    set: (at: number): void => {
      const now = clock.now()
      // A clock that stands still, as in tests, would ring for ever.
      if (at - now >= LOOKS_AHEAD_MS || (last.now === now && last.at === at)) return
      last = { now, at }
      wakeIn(at - now)
    },
    soon: () => wakeIn(BUSY_MS),
    stop: () => clearTimeout(timeout),
  }
}

function tell({ onError }: House, error: unknown): void {
  if (!isAway(error) && !isTransient(error)) onError(error)
}

const claimable = ['leased', 'due'] as const

const firstClaim = prepare((db, { state }: { state: TimerRow['state'] }) =>
  db.selectFrom('timers').select('claim_at').where('state', '=', state).orderBy('claim_at').limit(limitTo(db, 1)),
)

/** When the next timer may be claimed. A state at a time: each is then the first entry of the index. */
async function nextClaim(db: Reader): Promise<number | null> {
  const firsts = await Promise.all(claimable.map((state) => firstClaim(db, { state })))
  const times = firsts.flat().map(({ claim_at }) => claim_at)
  return times.length === 0 ? null : Math.min(...times)
}

/** Takes due timers, and those whose lease ran out: nodes that look at the same time pass over each other's. */
async function claim({ database, clock }: House, limit: number): Promise<TimerRow[]> {
  const now = clock.now()
  return database.write(async (db) => {
    const found: TimerRow[] = []
    for (const state of claimable) {
      if (found.length === limit) break
      const due = db.selectFrom('timers').selectAll().where('state', '=', state).where('claim_at', '<=', now)
      found.push(...(await skipLocked(db, due.orderBy('claim_at').limit(limit - found.length)).execute()))
    }
    if (found.length === 0) return []
    const lease = { state: 'leased' as const, lease_token: newId('lea'), claim_at: now + LEASE_MS }
    const ids = found.map(({ id }) => id)
    await db
      .updateTable('timers')
      .set((eb) => ({ ...lease, attempts: eb('attempts', '+', 1) }))
      .where('id', 'in', ids)
      .execute()
    return found.map((timer) => ({ ...timer, ...lease, attempts: timer.attempts + 1 }))
  })
}

async function giveBack({ database, clock }: House, claimed: readonly TimerRow[]): Promise<void> {
  if (claimed.length === 0) return
  const ids = claimed.map(({ id }) => id)
  const tokens = [...new Set(claimed.map(({ lease_token }) => lease_token))]
  await database.write((db) =>
    db
      .updateTable('timers')
      .set((eb) => ({ state: 'due' as const, lease_token: null, claim_at: clock.now(), attempts: eb('attempts', '-', 1) }))
      .where('id', 'in', ids)
      .where('lease_token', 'in', tokens)
      .execute(),
  )
}

async function renew({ database, clock }: House, held: TimerRow[]): Promise<void> {
  const until = clock.now() + LEASE_MS
  const old = held.filter(({ claim_at }) => claim_at < until - RENEW_MS / 2)
  for (const [lease_token, timers] of Map.groupBy(old, (timer) => timer.lease_token)) {
    const ids = timers.map(({ id }) => id)
    await database.write((db) =>
      db
        .updateTable('timers')
        .set({ claim_at: until })
        .where('id', 'in', ids)
        .where('lease_token', '=', lease_token)
        .where('state', '=', 'leased')
        .execute(),
    )
    for (const timer of timers) timer.claim_at = until
  }
}

async function tryOne(house: House, kind: TimerKind | undefined, timer: TimerRow): Promise<void> {
  try {
    if (!kind) throw new Error(`no timer is of the kind ${timer.kind}`)
    const fire = (): Promise<void> =>
      house.transact(async (tx) => {
        tx.timers.firing = timer
        const { subject_id, due_at, generation } = timer
        await kind.fire(tx, { subject_id, due_at, generation })
        // Last, as in every command: whoever waits for the row holds nothing that this transaction still needs.
        if (takeFiring(tx, timer)) await remove(tx.db, timer)
      })
    await traced(
      house.tracing,
      { name: `fire ${timer.kind}`, kind: 'internal', attributes: { 'beckon.timer.id': timer.id } },
      fire,
    )
    house.onTried({ timer })
  } catch (error) {
    // What the database could not take is tried again when the lease has run out.
    if (error instanceof Stale || isAway(error) || isTransient(error)) return
    await fail(house, { kind, timer, error })
  }
}

/** Only who still holds the lease may say how it ended. */
async function fail(
  { transact, onTried }: House,
  { kind, timer, error }: { kind: TimerKind | undefined; timer: TimerRow; error: unknown },
): Promise<void> {
  const dead = timer.attempts >= MAX_ATTEMPTS
  const last_error = (error instanceof Error ? error.message : String(error)).slice(0, 500)
  try {
    await transact(async (tx) => {
      if (dead) await kind?.giveUp?.(tx, { subject_id: timer.subject_id, error: last_error })
      const claim_at = tx.now + backoffMs(timer.attempts)
      const { numUpdatedRows } = await tx.db
        .updateTable('timers')
        .set({ state: dead ? 'dead' : 'due', claim_at, last_error, lease_token: null })
        .where('id', '=', timer.id)
        .where('lease_token', '=', timer.lease_token)
        .where('generation', '=', timer.generation)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw new Stale()
    })
  } catch (failed) {
    if (failed instanceof Stale) return
    throw failed
  }
  onTried({ timer, failure: { error, dead } })
}

/** Timers in a state, oldest first: what the CLI shows. */
export async function listTimers(db: Reader, { state, limit }: { state: TimerRow['state']; limit: number }): Promise<TimerRow[]> {
  return db.selectFrom('timers').selectAll().where('state', '=', state).orderBy('claim_at').orderBy('id').limit(limit).execute()
}

/** Lets dead timers, and those that wait after a failure, be tried again now, with a fresh count of tries. Answers how many. */
export async function retryTimers(db: Reader, { ids, now }: { ids: string[] | 'all dead'; now: number }): Promise<number> {
  if (Array.isArray(ids) && ids.length === 0) return 0
  const { numUpdatedRows } = await db
    .updateTable('timers')
    .set({ state: 'due', claim_at: now, attempts: 0, lease_token: null })
    .where('state', 'in', ids === 'all dead' ? ['dead'] : ['dead', 'due'])
    // Before its time no timer is fired: a handler may rest on it.
    .where('due_at', '<=', now)
    .$if(ids !== 'all dead', (query) => query.where('id', 'in', ids as string[]))
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
