import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { SeenEvent } from '../history/index.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import { encodeFrame } from './encoded.ts'
import { affectedBy, closesViews, mayCloseViews, maySame, topicTouchedBy } from './rights.ts'
import type { Slice } from './slices.ts'
import { closedOf } from './subscribing.ts'

/** Looks actors up anew: as they are now, in their order; null where somebody may not come in any more. */
export type LookAgain = (actors: readonly Actor[]) => Promise<readonly (Actor | null)[]>

// Everybody is looked up anew so often, whatever the log says.
const SWEEP_MS = 2000
// So many are looked up at a time: everything else gets its turn in between.
const AT_ONCE = 100

/** Sees to it that nobody is told what he may not hear any more. */
export interface Heeding {
  /**
   * To be called between what is told, with what is told next: looks up anew whose rights that may have changed. From time to time it
   * has everybody looked up besides, and does not wait for that.
   */
  heed(rows: readonly SeenEvent[]): Promise<void>
  /** Has somebody looked up anew next time: what is known of who has just come may be some moments old. */
  doubt(actor: Actor): void
  /** Rises whenever the log tells of rights of somebody here, or of topics: what was allowed before may not be any more. */
  count(): number
  /** Resolves when nobody is being looked up besides. */
  settle(): Promise<void>
}

export function createHeeding(hub: {
  db: Reader
  clock: Clock
  connections: Connections
  lookAgain: LookAgain
  /** Has a connection go on from where it stands, with other rights; gives how far it was told. */
  goOn(connection: Connection): number
  takeSlice(): Promise<Slice>
  /** Not everybody could be looked up; it is tried again. */
  onError(error: unknown): void
}): Heeding {
  const { db, clock, connections } = hub
  let swept_at = clock.now()
  let sweep: Promise<void> | undefined
  let looking = Promise.resolve()
  let doubted = new Set<Actor>()
  let count = 0
  /** Whose rights are others, and who was not told so yet: the database may fail in the midst of it. */
  const owed = new Set<Connection>()

  /** Nobody else is looked up meanwhile: or what was seen first could be taken last. */
  const alone = (work: () => Promise<void>): Promise<void> => {
    const done = looking.then(work)
    looking = done.catch(() => {})
    return done
  }

  const lookAt = async (actors: readonly Actor[], slice: Slice): Promise<void> => {
    const found = await hub.lookAgain(actors)
    for (const [i, actor] of actors.entries())
      for (const connection of connections.of(actor)) {
        const now = found[i] ?? null
        if (connection.isClosed) continue
        if (now === null) connections.end(connection, 'signed_out')
        else if (!maySame(actor, now)) await takeRights(connection, now)
        // Under his name others are told what he does.
        else if (actor.name !== now.name) connections.changeActor(connection, now)
        if (slice.isOver()) await slice.next()
      }
  }

  const lookAtAll = async (actors: readonly Actor[]): Promise<void> => {
    if (actors.length === 0) return
    const slice = await hub.takeSlice()
    for (let at = 0; at < actors.length; at += AT_ONCE) {
      if (slice.isOver()) await slice.next()
      await alone(() => lookAt(actors.slice(at, at + AT_ONCE), slice))
    }
  }

  const takeRights = async (connection: Connection, actor: Actor): Promise<void> => {
    // First of all, in one turn: what is told to it meanwhile is told to who he is now.
    connections.changeActor(connection, actor)
    hub.goOn(connection)
    owed.add(connection)
    await tellRights(connection)
  }

  const tellRights = async (connection: Connection): Promise<void> => {
    if (!connection.isClosed) await closeTopics(connection)
    if (!owed.delete(connection) || connection.isClosed) return
    const position = hub.goOn(connection)
    if (connection.subscriptions.size > 0)
      connection.peer.send(encodeFrame({ type: 'reset', reason: 'rights_changed', position }))
  }

  const closeTopics = async (connection: Connection): Promise<void> => {
    const subscriptions = [...connection.subscriptions.values()]
    connections.closeTopics(connection, await closedOf(db, connection.actor, subscriptions))
  }

  const touch = async (topics: ReadonlySet<string>): Promise<void> => {
    if (topics.size === 0) return
    const slice = await hub.takeSlice()
    for (const connection of connections.all) {
      if (slice.isOver()) await slice.next()
      if (connection.subscriptions.keys().some((name) => topics.has(name))) await alone(() => closeTopics(connection))
    }
  }

  const closeViews = async (outside: readonly SeenEvent[]): Promise<void> => {
    if (outside.length === 0) return
    const slice = await hub.takeSlice()
    for (const connection of connections.listeners.viewers) {
      if (slice.isOver()) await slice.next()
      if (outside.some((row) => mayCloseViews(row, connection.actor))) await alone(() => closeTopics(connection))
    }
  }

  const sweepAll = async (): Promise<void> => {
    try {
      await lookAtAll(connections.actors())
    } catch (error) {
      swept_at = Number.NEGATIVE_INFINITY
      hub.onError(error)
    }
    sweep = undefined
  }

  return {
    count: () => count,
    doubt: (actor) => void doubted.add(actor),
    heed: async (rows) => {
      const asked = doubted
      doubted = new Set()
      const outside = rows.filter(({ ticket_id }) => ticket_id === null)
      const isAffected = affectedBy(outside)
      const affected = outside.length > 0 ? connections.actors().filter(isAffected) : []
      const touched = new Set(outside.flatMap((row) => topicTouchedBy(row) ?? []))
      // Before anything is looked up: who looks from here on sees what the log tells. Whoever signs in elsewhere holds up nobody.
      if (affected.length + touched.size > 0 || outside.some(closesViews)) count++
      try {
        for (const connection of owed) await alone(() => tellRights(connection))
        const isDoubted = (actor: Actor) => asked.has(actor) || isAffected(actor)
        if (asked.size + outside.length > 0) await lookAtAll(connections.actors().filter(isDoubted))
        await touch(touched)
        await closeViews(outside)
      } catch (error) {
        for (const actor of asked) doubted.add(actor)
        throw error
      }
      // A clock that was set back must not put it off.
      if (sweep || Math.abs(clock.now() - swept_at) < SWEEP_MS) return
      swept_at = clock.now()
      sweep = sweepAll()
    },
    settle: async () => sweep,
  }
}
