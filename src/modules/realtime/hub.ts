import { ShuttingDown } from '../../platform/http/problems.ts'
import type { Ground } from '../../platform/module.ts'
import { absentWorker } from '../../platform/worker.ts'
import { createCatchUp } from './catch-up.ts'
import type { Connection, Progress, Tell } from './connection.ts'
import { Connections, type Limits } from './connections.ts'
import { encodeFrame } from './encoded.ts'
import { endGently } from './farewell.ts'
import { createHeeding, type LookAgain } from './heeding.ts'
import { createLine } from './line.ts'
import type { Hub } from './live.ts'
import { isOfDatabase } from './log-page.ts'
import { createPassing } from './passing.ts'
import { createShare, createSlices } from './slices.ts'
import { createTail } from './tail.ts'

export interface HubParts extends Limits {
  lookAgain: LookAgain
  pollMs: number
  /** Whether anybody can listen here at all: a process without streams reads no log. */
  isFollowing?: boolean
}

/** Follows the log once for all connections of this node, and tells each what it may hear: docs/decisions/0022-streams.md. */
export function createHub(
  ground: Pick<Ground, 'database' | 'clock' | 'log'>,
  { lookAgain, pollMs, isFollowing = true, ...limits }: HubParts,
): Hub {
  const { clock, log } = ground
  const db = ground.database.reader
  const connections = new Connections(limits)
  const progress: Progress = { position: -1, told: -1 }
  const started = Promise.withResolvers<void>()
  const takeSlice = createSlices()
  const share = createShare()
  let isStopping = false
  /** What could not be told, and was reported. */
  const broken = new WeakSet<object>()

  const positionOf = ({ isLive, cursor }: Connection): number => (isLive ? Math.max(cursor, progress.told) : cursor)

  const endIfSlow = (connection: Connection): void => {
    if (connection.isTooSlow({ now: clock.now(), position: progress.position })) connections.end(connection, 'slow_reader')
  }

  const tell: Tell = (connection, event, telling) => {
    const at = event.row.position
    if (at <= connection.cursor) return
    try {
      const frames = telling.framesFor(event, connection)
      if (frames.length === 0) return
      if (!connection.stall) {
        const standing = positionOf(connection)
        if (connection.offer(event.row, frames, clock.now())) return
        connection.cursor = standing
        connections.stalled.add(connection)
      }
      connection.skip(at, frames)
      endIfSlow(connection)
    } catch (error) {
      if (!broken.has(event.row)) log.error({ err: error, event_id: event.row.id }, 'an event could not be told')
      broken.add(event.row)
      // Whose network is full reads it from the log again.
      if (connection.stall || connection.subscriptions.size === 0) return
      // To end the stream would end it again and again, at the same place. Nor is anything passed over silently.
      connection.cursor = at
      connection.peer.send(encodeFrame({ type: 'reset', reason: 'event_failed', position: at }))
    }
  }

  const startAnew = (connection: Connection, reason: 'cursor_expired' | 'cursor_ahead'): void => {
    moveTo(connection, 'now')
    // Nothing of what it did not get is owed to it any more.
    if (connection.stall) Object.assign(connection.stall, { skipped: 0, counted_to: connection.cursor })
    if (connection.subscriptions.size > 0)
      connection.peer.send(encodeFrame({ type: 'reset', reason, position: connection.cursor }))
  }
  const expire = (connection: Connection): void => startAnew(connection, 'cursor_expired')
  const onSetBack = (head: number): void => {
    log.warn({ position: progress.position, head }, 'the log ends before what was told already: a backup was restored')
    progress.position = progress.told = head
    for (const connection of connections.all) startAnew(connection, 'cursor_ahead')
  }
  const catchUp = createCatchUp({ db, log, progress, connections, tell, takeSlice, share, expire })
  const moveTo = (connection: Connection, cursor: number | 'now', { isOfCrowd = false } = {}): void => {
    connection.isOfCrowd = isOfCrowd
    connection.cursor = cursor === 'now' ? progress.position : cursor
    connection.epoch++
    connection.isLive = !connection.stall && connection.cursor >= progress.position
    if (!connection.isLive && !connection.stall) catchUp.add(connection)
  }
  /** What is being told at the moment was made ready for other topics or rights: who is in the midst of it reads it from the log. */
  const goOn = (connection: Connection): number => {
    const isAtRest = connection.isLive && positionOf(connection) >= progress.position
    if (!isAtRest) moveTo(connection, positionOf(connection))
    return positionOf(connection)
  }

  const heeding = createHeeding({
    ...{ db, clock, connections, lookAgain, goOn, takeSlice },
    onError: (err) => {
      if (!isOfDatabase(err)) log.error({ err }, 'not everybody who listens could be looked up')
    },
  })
  const { listeners } = connections
  const passing = createPassing({
    db,
    listeners,
    takeSlice,
    onError: (err) => log.debug({ err }, 'something that passed by was lost'),
  })
  const beforehand = (): void => {
    for (const connection of connections.stalled) endIfSlow(connection)
    catchUp.retry()
  }
  const onStart = started.resolve
  const fallBehind = (connection: Connection): void => moveTo(connection, positionOf(connection), { isOfCrowd: true })
  const onTail = { beforehand, onStart, onSetBack }
  const tail = isFollowing
    ? createTail({
        ...{ db, log, pollMs, progress, connections, heeding, tell, takeSlice, share, fallBehind },
        ...onTail,
      })
    : absentWorker()
  tail.wake()

  return {
    open: (peer, actor) => {
      if (isStopping) throw ShuttingDown()
      const connection = connections.open(peer, actor)
      heeding.doubt(connection.actor)
      connection.line = createLine(connection, {
        db,
        connections,
        heeding,
        started: started.promise,
        positionOf,
        moveTo,
        goOn,
        drained: (connection) => {
          if (!connection.stall || connection.isClosed) return
          connection.stall = undefined
          connections.stalled.delete(connection)
          catchUp.add(connection)
        },
        drop: (connection) => connections.drop(connection),
      })
      return connection.line
    },
    pass: passing.pass,
    wake: tail.wake,
    settle: async () => {
      await tail.settle()
      await heeding.settle()
      await catchUp.settle()
      await passing.settle()
    },
    count: () => ({ connections: connections.all.size, position: progress.told }),
    close: async () => {
      isStopping = true
      await endGently(connections)
      await tail.stop()
      await heeding.settle()
      await catchUp.settle()
      await passing.settle()
    },
  }
}
