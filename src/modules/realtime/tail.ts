import type { Reader } from '../../platform/database/schema.ts'
import type { Logger } from '../../platform/log.ts'
import { logBounds } from '../../platform/log-bounds.ts'
import { createWorker, type Worker } from '../../platform/worker.ts'
import { prepareTelling, type Telling } from './audience.ts'
import type { Connection, Progress, Tell } from './connection.ts'
import type { Connections } from './connections.ts'
import type { Heeding } from './heeding.ts'
import { isOfDatabase, type Page, readLog } from './log-page.ts'
import type { Share, Slice } from './slices.ts'

// So long the log must be shorter than what was told until that is believed: another node of the database may lag behind.
const SET_BACK_MS = 1000

/** Follows the log once for all who are live: reads what is behind the hub's position, and tells it. */
export function createTail(hub: {
  db: Reader
  log: Logger
  pollMs: number
  progress: Progress
  connections: Connections
  heeding: Heeding
  tell: Tell
  takeSlice(): Promise<Slice>
  share: Share
  /** Has a connection read the rest from the log in its own time. */
  fallBehind(connection: Connection): void
  /** Runs before each look: for what is owed from time to time. */
  beforehand(): void
  /** The first look is done: from here on it is known what `now` is. */
  onStart(): void
  /** The log was set back, as by a restored backup: it ends here, and what was told from behind it is not so any more. */
  onSetBack(head: number): void
}): Worker {
  const { db, log, progress, connections } = hub
  let shorterSince: number | undefined

  const isSetBack = (head: number): boolean => {
    const now = performance.now()
    shorterSince = head < progress.position ? (shorterSince ?? now) : undefined
    return shorterSince !== undefined && now - shorterSince >= SET_BACK_MS
  }

  /** True when there is more. */
  const follow = async (): Promise<boolean> => {
    const { head } = await logBounds(db)
    if (progress.position < 0) {
      progress.position = progress.told = head
      hub.onStart()
    }
    if (isSetBack(head)) hub.onSetBack(head)
    hub.beforehand()
    const { position } = progress
    const page = connections.all.size === 0 || head <= position ? undefined : await readLog(db, { after: position, up_to: head })
    await hub.heeding.heed(page?.rows ?? [])
    if (head <= position) return false
    if (page) await fanOut(page)
    // In one turn with the look for who is there: whoever comes later begins here.
    else if (connections.all.size === 0) progress.position = progress.told = head
    return progress.position < head
  }

  const fanOut = async (page: Page): Promise<void> => {
    // From here on who joins hears of what is behind this page; who is behind, or gets other topics, is read this page, too.
    progress.position = page.up_to
    const telling = await prepare(page)
    if (telling) await tellAll(telling)
    progress.told = page.up_to
  }

  const prepare = async ({ rows }: Page): Promise<Telling | undefined> => {
    const { listeners } = connections
    const heard = rows.filter(({ ticket_id }) => !listeners.areDeafTo(ticket_id))
    if (heard.length === 0) return undefined
    try {
      return await prepareTelling(db, heard, listeners)
    } catch (error) {
      progress.position = progress.told
      throw error
    }
  }

  const tellAll = async (telling: Telling): Promise<void> => {
    for (const connection of connections.listeners.viewers) connections.closeOutdated(connection, telling.outdated)
    const slice = await hub.takeSlice()
    const crowd = new Set<Connection>()
    for (const event of telling.events)
      for (const connection of event.isBroken ? connections.all : connections.listeners.of(event)) {
        if (slice.isOver()) await slice.next()
        if (connection.isClosed || crowd.has(connection)) continue
        if (connection.stall || (connection.isLive && connection.isToldMuch(event.row))) crowd.add(connection)
        else if (connection.isLive) hub.tell(connection, event, telling)
      }
    await tellCrowd(crowd, { telling, slice })
  }

  /** Those who are told much come last: who is not reached in their share of the time reads it from the log. */
  const tellCrowd = async (
    crowd: ReadonlySet<Connection>,
    { telling, slice }: { telling: Telling; slice: Slice },
  ): Promise<void> => {
    for (const connection of crowd) {
      if (slice.isOver()) {
        hub.share.pause()
        await slice.next()
      }
      if (connection.isClosed || !(connection.isLive || connection.stall)) continue
      // What a stalled one would be told is counted.
      if (connection.stall || hub.share.isLeft()) tellTogether(connection, telling)
      else hub.fallBehind(connection)
    }
    hub.share.pause()
  }

  const tellTogether = (connection: Connection, telling: Telling): void =>
    connection.peer.atOnce(() => {
      for (const event of telling.events)
        if (!connection.isClosed && (connection.isLive || connection.stall)) hub.tell(connection, event, telling)
    })

  return createWorker({
    pollMs: hub.pollMs,
    run: follow,
    onError: (error) => {
      if (!isOfDatabase(error)) log.error({ err: error }, 'the log could not be followed')
    },
  })
}
