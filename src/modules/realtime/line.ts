import type { Reader } from '../../platform/database/schema.ts'
import { logBoundsAround } from '../../platform/log-bounds.ts'
import { invalidField, NotFound } from '../../platform/problems.ts'
import type { Connection, Subscription } from './connection.ts'
import type { Connections } from './connections.ts'
import { encodeFrame } from './encoded.ts'
import { problemOfEnd } from './ending.ts'
import type { Heeding } from './heeding.ts'
import type { Heard, Line } from './live.ts'
import { openTopic } from './subscribing.ts'
import { type Topic, writeTopic } from './topic.ts'

const TOPICS_MAX = 100

/** Where somebody goes on who was told everything up to a position, and why that is not there. */
interface Place {
  cursor: number | 'now'
  reset?: 'cursor_expired' | 'cursor_ahead'
}

/** A connection as its transport holds it. */
export function createLine(
  connection: Connection,
  hub: {
    db: Reader
    connections: Connections
    heeding: Heeding
    /** Resolves when it is known what `now` is. */
    started: Promise<void>
    positionOf(connection: Connection): number
    /** Puts a connection to another place in the log. */
    moveTo(connection: Connection, cursor: number | 'now'): void
    /** Has a connection go on from where it stands, with other topics. */
    goOn(connection: Connection): void
    drained(connection: Connection): void
    drop(connection: Connection): void
  },
): Line {
  const { db, connections } = hub
  const heard = (): Heard => ({ topics: connection.topics, position: hub.positionOf(connection) })

  const reset = ({ reset: reason }: Place): void => {
    if (reason && !connection.isClosed)
      connection.peer.send(encodeFrame({ type: 'reset', reason, position: hub.positionOf(connection) }))
  }

  /** All of them, as they may be heard now. What the log tells of rights meanwhile has them looked up again. */
  const openAll = async (topics: readonly Topic[]): Promise<Subscription[]> => {
    for (;;) {
      const { actor } = connection
      const count = hub.heeding.count()
      const opened: Subscription[] = []
      for (const topic of topics) opened.push(await openTopic(db, actor, topic))
      if (connection.isClosed) throw connection.ended ? problemOfEnd(connection.ended) : NotFound()
      if (count === hub.heeding.count() && actor === connection.actor) return opened
    }
  }

  return {
    get actor() {
      return connection.actor
    },
    get position() {
      return hub.positionOf(connection)
    },
    get topics() {
      return connection.topics
    },
    async subscribe(topics, { after, onHeard }) {
      await hub.started
      const place = after === undefined ? undefined : await placeOf(db, after)
      const opened = await openAll(topics)
      // From here on in one turn: nothing is told in between.
      const names = new Set([...connection.subscriptions.keys(), ...opened.map(({ name }) => name)])
      if (names.size > TOPICS_MAX)
        throw invalidField('/topics', 'too_many', `are more than ${TOPICS_MAX} with those that you have`)
      const isFirst = connection.subscriptions.size === 0
      // Before it goes on: what is read to it from there is read for all of its topics.
      for (const one of opened) if (!connection.subscriptions.has(one.name)) connections.listen(connection, one)
      if (place) {
        connection.holdsNothing = after === 0
        hub.moveTo(connection, place.cursor)
      } else if (isFirst) hub.moveTo(connection, 'now')
      else hub.goOn(connection)
      onHeard(heard())
      if (place) reset(place)
    },
    unsubscribe(topics) {
      const gone = new Set(topics.map(writeTopic))
      for (const one of connection.subscriptions.values())
        if (gone.has(one.name) || gone.has(one.asked)) connections.forget(connection, one)
      return heard()
    },
    async resume(after, onHeard) {
      await hub.started
      const place = await placeOf(db, after)
      if (connection.isClosed) return
      connection.holdsNothing = after === 0
      hub.moveTo(connection, place.cursor)
      onHeard(heard())
      reset(place)
    },
    drained: () => hub.drained(connection),
    close: () => hub.drop(connection),
  }
}

async function placeOf(db: Reader, after: number): Promise<Place> {
  const { floor, head } = await logBoundsAround(db, after)
  if (after > head) return { cursor: 'now', reset: 'cursor_ahead' }
  if (after > 0 && after < floor) return { cursor: 'now', reset: 'cursor_expired' }
  return { cursor: Math.max(after, floor) }
}
