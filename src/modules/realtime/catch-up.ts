import type { Reader } from '../../platform/database/schema.ts'
import type { Logger } from '../../platform/log.ts'
import { logBounds } from '../../platform/log-bounds.ts'
import { prepareTelling, type Telling } from './audience.ts'
import type { Connection, Progress, Tell } from './connection.ts'
import type { Connections } from './connections.ts'
import { encodeFrame } from './encoded.ts'
import { isOfDatabase, readLog, readOutside } from './log-page.ts'
import { changesRights, rightsTypes } from './rights.ts'
import type { Share, Slice } from './slices.ts'

// So many parts of the log are read at a time for those who are behind.
const AT_ONCE = 16
// Who is no further behind than this reads everything, together with others; else only what is about his tickets.
const NEAR = 500
// So many events are handed at once to those who are told much: about as many bytes as a peer is handed before it has taken them.
const BUNDLE = 10
// But so many are read for them at once: a page takes some questions to the database one after the other, and where each is answered
// slowly, pages of one bundle would come up with nobody.
const CROWD_PAGE = 200

/** Reads the log to those who are behind, page by page and in turn, until they have come up with the hub. */
interface CatchUp {
  /** Has the log read to a connection that is not live, from its cursor on. Never waits. */
  add(connection: Connection): void
  /** Tries again what failed because the database was away. */
  retry(): void
  /** Resolves when nobody is being read to. */
  settle(): Promise<void>
}

export function createCatchUp(hub: {
  db: Reader
  log: Logger
  progress: Progress
  connections: Connections
  tell: Tell
  takeSlice(): Promise<Slice>
  share: Share
  /** The log is not kept any more from where a connection stands. */
  expire(connection: Connection): void
}): CatchUp {
  const { db, log, progress, connections, share } = hub
  const waiting = new Set<Connection>()
  // Those who are told much are read to by one alone, in their share of the time.
  const crowd = new Set<Connection>()
  let crowdIsRead: Promise<void> | undefined
  const running = new Set<Promise<void>>()
  // Whose page is being read, and is not for him alone: who stands near behind will be read it, too.
  const leading = new Set<Connection>()
  const reading = new Set<Connection>()
  let isAway = false

  /** Whether it will be taken along, or is being read to and goes on by itself. */
  const isLed = (connection: Connection): boolean =>
    reading.has(connection) ||
    leading.values().some(({ cursor }) => connection.cursor >= cursor && connection.cursor < cursor + NEAR)

  const canBegin = (): boolean => !isAway && running.size < AT_ONCE
  const begin = (connection: Connection): void => {
    waiting.delete(connection)
    const run: Promise<void> = readOn(connection).finally(() => {
      running.delete(run)
      goOn()
    })
    running.add(run)
  }
  const pump = (): void => {
    for (const connection of waiting) {
      if (!canBegin()) return
      if (!isLed(connection)) begin(connection)
    }
  }

  const put = (connection: Connection): void => {
    const [its, other] = connection.isOfCrowd ? [crowd, waiting] : [waiting, crowd]
    other.delete(connection)
    its.add(connection)
  }
  const readToCrowd = async (): Promise<void> => {
    for (const first of crowd) {
      if (isAway) break
      if (!first.isClosed) await share.next()
      crowd.delete(first)
      if (!reading.has(first)) await readOn(first, crowd)
    }
    crowdIsRead = undefined
  }

  /** Who waits longest is read one page, and with him all who stand within it. */
  const readOn = async (first: Connection, queue = waiting): Promise<void> => {
    if (first.isClosed || first.isLive) return
    const together = [first]
    reading.add(first)
    try {
      await readPage(first, together, queue)
    } catch (error) {
      if (!isOfDatabase(error)) {
        log.error({ err: error }, 'a part of the log could not be read to those who were behind')
        for (const connection of together) connections.end(connection, 'failed')
        return
      }
      isAway = true
      for (const connection of together) put(connection)
    } finally {
      leading.delete(first)
      for (const connection of together) reading.delete(connection)
    }
  }

  const readPage = async (first: Connection, together: Connection[], queue: Set<Connection>): Promise<void> => {
    const began = performance.now()
    const [after, epoch, up_to] = [first.cursor, first.epoch, progress.position]
    const ticket_ids = up_to - after > NEAR ? onlyTickets(first) : undefined
    if (!ticket_ids && queue === waiting) leading.add(first)
    const page = await readLog(db, { after, up_to, ticket_ids, ...(queue === crowd ? { limit: CROWD_PAGE } : {}) })
    if (!ticket_ids)
      for (const connection of queue)
        if (!reading.has(connection) && connection.cursor >= after && connection.cursor < page.up_to) {
          queue.delete(connection)
          reading.add(connection)
          together.push(connection)
        }
    leading.delete(first)
    pump()
    // Asked behind the rows: what was taken away while they were read is not missed in silence.
    const { floor } = await logBounds(db)
    const epochs = new Map(together.map((connection) => [connection, connection.epoch]))
    epochs.set(first, epoch)
    const isMeant = (connection: Connection): boolean =>
      !connection.isClosed && !connection.isLive && !connection.stall && connection.epoch === epochs.get(connection)

    for (const connection of together) if (isMeant(connection) && connection.cursor < floor) hub.expire(connection)
    const outside = ticket_ids
      ? await readOutside(db, { after, up_to: page.up_to, types: rightsTypes })
      : page.rows.filter(({ ticket_id }) => ticket_id === null)
    for (const connection of together)
      if (isMeant(connection) && !connection.holdsNothing && outside.some((row) => changesRights(row, connection.actor)))
        connection.peer.send(encodeFrame({ type: 'reset', reason: 'rights_changed', position: connection.cursor }))
    const telling = await prepareTelling(db, page.rows, { viewers: together, everything: together })
    for (const connection of together) if (isMeant(connection)) connections.closeOutdated(connection, telling.outdated)
    if (queue === crowd) {
      share.charge(performance.now() - began)
      await tellInShare(telling, together, isMeant)
    } else await tellInSlices(telling, together, isMeant)
    for (const connection of together) {
      if (connection.isClosed || connection.stall) continue
      if (isMeant(connection)) connection.cursor = Math.max(connection.cursor, page.up_to)
      // In one turn with the comparison: what is told from here on is told to it, too.
      if (isMeant(connection) && connection.cursor >= progress.position) connection.comeAlive()
      else if (!connection.isLive) put(connection)
    }
  }

  const tellInSlices = async (telling: Telling, together: Connection[], isMeant: (one: Connection) => boolean): Promise<void> => {
    const slice = await hub.takeSlice()
    for (const told of telling.events)
      for (const connection of together) {
        if (slice.isOver()) await slice.next()
        if (isMeant(connection)) hub.tell(connection, told, telling)
      }
  }

  const tellInShare = async (telling: Telling, together: Connection[], isMeant: (one: Connection) => boolean): Promise<void> => {
    for (const connection of together)
      for (let at = 0; at < telling.events.length; at += BUNDLE) {
        if (!share.isLeft()) await share.next()
        if (!isMeant(connection)) break
        connection.peer.atOnce(() => {
          for (const told of telling.events.slice(at, at + BUNDLE)) if (isMeant(connection)) hub.tell(connection, told, telling)
        })
      }
    share.pause()
  }

  const goOn = (): void => {
    pump()
    if (crowd.size > 0 && !isAway) crowdIsRead ??= readToCrowd()
  }

  return {
    add: (connection) => {
      put(connection)
      if (connection.isOfCrowd) goOn()
      else if (canBegin() && !isLed(connection)) begin(connection)
    },
    retry: () => {
      isAway = false
      goOn()
    },
    settle: async () => {
      while (running.size > 0 || crowdIsRead) await Promise.all([...running, crowdIsRead])
    },
  }
}

/** The tickets that a connection hears of, where it hears of nothing else. */
function onlyTickets({ topics }: Connection): string[] | undefined {
  const ids = topics.flatMap((topic) => (topic.kind === 'ticket' ? topic.id : []))
  return ids.length > 0 && ids.length === topics.length ? ids : undefined
}
