import { setTimeout as wait } from 'node:timers/promises'
import type { TSchema } from 'typebox'
import type { Clock } from './clock.ts'
import { toJson } from './codecs.ts'
import { awayFrom } from './database/away.ts'
import { connectionOf } from './database/connection.ts'
import type { Database } from './database/database.ts'
import { isAway, isTransient } from './database/errors.ts'
import { insertRows } from './database/prepared.ts'
import type { Reader } from './database/schema.ts'
import type { Announcement, EventDefinition, Reaction } from './events.ts'
import { newId, newIds } from './ids.ts'
import { Problem } from './problems.ts'
import type { DeliveryRow, EventRow, TimerRow } from './tables.ts'
import { keepTraces } from './tracing/trace-rows.ts'
import { type OpenSpan, type Tracing, traced } from './tracing/tracing.ts'

/** One transaction: its rows, its moment, and what it announces. Commands get this and nothing else. */
export interface Tx {
  readonly db: Reader
  /** The moment of the transaction, epoch milliseconds. */
  readonly now: number
  readonly request_id: string | null
  /** Says what happened: the event and its deliveries are written with the change. */
  announce<S extends TSchema>(event: EventDefinition<S>, announcement: Announcement<S>): void
  /** Runs after the commit, in this process only, and maybe never: for caches and wake-ups, not for what is owed. */
  afterCommit(action: () => void): void
  /** Has what is done about this later, a mail say, go on with the trace that this transaction is part of, if there is one. */
  carryTrace(subject_id: string): void
  /** For platform/timers.ts alone. */
  readonly timers: TimerNotes
}

/** What a transaction has to do with timers. */
export interface TimerNotes {
  /** When the first of those that it set is due. */
  earliest: number | null
  /** The one that it fires, until it has been taken away or set again. */
  firing: Pick<TimerRow, 'id' | 'kind' | 'subject_id' | 'lease_token' | 'generation'> | null
}

export type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

/** What a commit wrote. */
export interface Committed {
  /** The types of its events. */
  types: readonly string[]
  deliveries: number
  /** When the first of the timers that it set is due. */
  timer_due_at: number | null
}

const TRIES = 12
// Within two seconds everybody is told how it went (API §1, 503).
const PATIENCE_MS = 1800

/**
 * Opens transactions. Each is run whole again on a lock timeout, a deadlock or a busy database, with jitter; so `work` must
 * do nothing but read and write in its transaction.
 */
export function createTransactor(house: {
  database: Database
  clock: Clock
  reactions: readonly Reaction[]
  onCommit: (committed: Committed) => void
  onRetry?: (error: unknown, attempt: number) => void
  tracing?: Tracing | undefined
}): (origin?: { request_id: string }) => Transact {
  const { database, clock, onCommit, tracing } = house
  // Indexed at the first transaction: modules add their reactions while the house is put together.
  let indexed: Map<string, Reaction[]> | undefined
  const owed = (): Map<string, Reaction[]> => {
    indexed ??= byEvent(house.reactions)
    return indexed
  }

  const run = async <T>(
    origin: { request_id: string } | undefined,
    work: (tx: Tx) => Promise<T>,
    span?: OpenSpan,
  ): Promise<T> => {
    const givenUp = performance.now() + PATIENCE_MS
    for (let attempt = 1; ; attempt++) {
      const tx = new OpenTransaction(origin?.request_id ?? null)
      try {
        const value = await database.write(async (db) => {
          tx.begin(db, clock.now())
          // On SQLite it is run by whoever leads the group, so within his span.
          const result = await (tracing && span ? tracing.within(span, () => work(tx)) : work(tx))
          await tx.flush(owed())
          if (span) await tx.tellSpan(span)
          return result
        })
        const timer_due_at = tx.timers.earliest
        if (tx.written.types.length > 0 || timer_due_at !== null) onCommit({ ...tx.written, timer_due_at })
        for (const action of tx.afterwards) action()
        return value
      } catch (error) {
        if (isTransient(error) && attempt < TRIES && performance.now() < givenUp) {
          house.onRetry?.(error, attempt)
          await wait(Math.random() * Math.min(2 ** attempt * 4, 250))
          continue
        }
        if (error instanceof Problem || !(isTransient(error) || isAway(error))) throw error
        throw awayFrom(error)
      }
    }
  }

  return (origin) => (work) => {
    const parent = tracing?.current()
    if (!parent) return run(origin, work)
    return traced(tracing, { name: 'transaction', kind: 'internal', parent }, (span) => run(origin, work, span))
  }
}

function byEvent(reactions: readonly Reaction[]): Map<string, Reaction[]> {
  const owed = new Map<string, Reaction[]>()
  for (const reaction of reactions) for (const { type } of reaction.on) owed.set(type, [...(owed.get(type) ?? []), reaction])
  return owed
}

class OpenTransaction implements Tx {
  #db: Reader | undefined
  now = 0
  readonly request_id: string | null
  readonly announced: { type: string; announcement: Announcement }[] = []
  readonly afterwards: (() => void)[] = []
  readonly carried: string[] = []
  readonly timers: TimerNotes = { earliest: null, firing: null }
  events: readonly EventRow[] = []
  deliveries: readonly DeliveryRow[] = []
  written: Omit<Committed, 'timer_due_at'> = { types: [], deliveries: 0 }

  constructor(request_id: string | null) {
    this.request_id = request_id
  }
  /** The moment is taken when the transaction has its turn, not when it queued: on SQLite moments rise with commits. */
  begin(db: Reader, now: number): void {
    this.#db = db
    this.now = now
  }
  get db(): Reader {
    if (!this.#db) throw new Error('the transaction has not begun')
    return this.#db
  }
  announce<S extends TSchema>(event: EventDefinition<S>, announcement: Announcement<S>): void {
    this.announced.push({ type: event.type, announcement })
  }
  afterCommit(action: () => void): void {
    this.afterwards.push(action)
  }
  carryTrace(subject_id: string): void {
    this.carried.push(subject_id)
  }

  /** Says what happened, and has what is owed for it go on from there. */
  async tellSpan(span: OpenSpan): Promise<void> {
    const { traceparent } = span
    if (traceparent === null) return
    for (const { type, id } of this.events) span.note(type, { 'beckon.event.id': id })
    const subjects = [...this.deliveries.map(({ event_id }) => event_id), ...this.carried]
    await keepTraces(this.db, { subjects, traceparent, now: this.now })
  }

  async flush(owed: Map<string, Reaction[]>): Promise<void> {
    const count = this.announced.length
    if (count === 0) return
    const last = await this.#takePositions(count)
    // The order of ids is the order of announcement: the sequencer goes by it. What one transaction announced is known by them.
    const ids = newIds('evt', count)
    const events: EventRow[] = []
    const deliveries: DeliveryRow[] = []
    for (const [i, { type, announcement }] of this.announced.entries()) {
      const { subject, ticket, actor } = announcement
      const id = ids[i] ?? newId('evt')
      events.push({
        id,
        position: last === null ? null : last - count + 1 + i,
        type,
        subject_type: subject.type,
        subject_id: subject.id,
        subject_version: subject.version,
        subject_public_version: subject.public_version ?? null,
        ticket_id: ticket?.id ?? null,
        ticket_seq: ticket?.seq ?? null,
        visibility: announcement.visibility,
        actor_type: actor.type,
        actor_id: actor.id,
        data: toJson(announcement.data),
        previous: announcement.previous ? toJson(announcement.previous) : null,
        request_id: this.request_id,
        occurred_at: this.now,
      })
      for (const reaction of owed.get(type) ?? []) deliveries.push(newDelivery({ event_id: id, reaction, ticket, now: this.now }))
    }
    await insertRows(this.db, 'events', events)
    if (last === null)
      await insertRows(
        this.db,
        'event_queue',
        events.map(({ id }) => ({ event_id: id })),
      )
    await insertRows(this.db, 'deliveries', deliveries)
    this.events = events
    this.deliveries = deliveries
    this.written = { types: events.map(({ type }) => type), deliveries: deliveries.length }
  }

  /** The last of `count` positions. On MySQL null: there the order of commits is known only after the commit. */
  async #takePositions(count: number): Promise<number | null> {
    const connection = connectionOf(this.db)
    if (connection.engine === 'mysql') return null
    const { rows } = await connection.query('update log_head set position = position + ? where id = 1 returning position', [
      count,
    ])
    return Number(rows[0]?.position)
  }
}

function newDelivery(owed: { event_id: string; reaction: Reaction; ticket: Announcement['ticket']; now: number }): DeliveryRow {
  const ordered = owed.reaction.orderedByTicket === true && owed.ticket !== undefined
  return {
    id: newId('dlv'),
    event_id: owed.event_id,
    reaction: owed.reaction.name,
    state: 'due',
    due_at: owed.now,
    attempts: 0,
    lease_token: null,
    order_key: ordered ? (owed.ticket?.id ?? null) : null,
    order_seq: ordered ? (owed.ticket?.seq ?? null) : null,
    last_error: null,
    created_at: owed.now,
    finished_at: null,
  }
}
