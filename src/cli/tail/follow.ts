import { setTimeout as wait } from 'node:timers/promises'
import {
  createHub,
  type Encoded,
  type EndReason,
  type Hub,
  type Peer,
  readTopic,
  type ServerFrame,
} from '../../modules/realtime/index.ts'
import { systemActor } from '../../platform/actor.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { isAway } from '../../platform/database/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { logBounds } from '../../platform/log-bounds.ts'

/** What is to be followed, and who hears of it. */
export interface Following {
  topics: readonly string[]
  /** The position behind which to begin; undefined: from now on. */
  after: number | undefined
  signal: AbortSignal
  pollMs: number
  /** Takes one frame; the next comes when it has. */
  take(frame: ServerFrame): Promise<void>
  /** Something that whoever looks on should know: the database is away, or back. */
  notice(words: string): void
}

// After the database was away, or the reader was too slow for a time.
const AGAIN_MS = 500
const WATCH_MS = 1000

/**
 * Tells what happens as a stream of the server tells it, read from the database itself: no server need run, and what is missed while the
 * database is away is told afterwards, once. Resolves with the position that was told last, when the signal comes. Throws a `Problem`
 * where a topic is not there.
 */
export async function followLog(database: Database, log: Logger, following: Following): Promise<number | undefined> {
  const { signal, topics } = following
  const hub = createHub(
    { database, clock: systemClock, log },
    { lookAgain: async (actors) => actors, pollMs: following.pollMs, streamsPerNode: 1, streamsPerCaller: 1 },
  )
  const watch = watchDatabase(database, following)
  let position = following.after
  try {
    while (!signal.aborted) {
      const listener = new Listener(following, position)
      const line = hub.open(listener, systemActor)
      listener.attach(line)
      await line.subscribe(topics.map(readTopic), { after: position, onHeard: (heard) => listener.heard(heard.position) })
      await listener.ended(signal)
      line.close()
      position = listener.position
      if (!signal.aborted) await wait(AGAIN_MS, undefined, { signal }).catch(() => {})
    }
    return position
  } finally {
    clearInterval(watch)
    await hub.close()
  }
}

/** One connection to the hub: hands its frames on one by one, in their order. */
class Listener implements Peer {
  readonly #following: Following
  readonly #waiting: Encoded[] = []
  readonly #end = Promise.withResolvers<void>()
  #line: ReturnType<Hub['open']> | undefined
  #bytes = 0
  #pumping: Promise<void> | undefined
  /** What was told last. */
  position: number | undefined

  constructor(following: Following, position: number | undefined) {
    this.#following = following
    this.position = position
  }

  attach(line: ReturnType<Hub['open']>): void {
    this.#line = line
  }

  heard(position: number): void {
    this.position = position
  }

  send(frame: Encoded): void {
    this.#waiting.push(frame)
    this.#bytes += frame.bytes
    this.#pumping ??= this.#pump()
  }

  pendingBytes(): number {
    return this.#bytes
  }

  atOnce(work: () => void): void {
    work()
  }

  end(_reason: EndReason): void {
    this.#end.resolve()
  }

  /** Resolves when the hub has ended it or the signal has come, and everything that it was handed has been taken. */
  async ended(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#end.resolve()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await this.#end.promise
    signal.removeEventListener('abort', stop)
    await this.#pumping
  }

  async #pump(): Promise<void> {
    for (let frame = this.#waiting.shift(); frame; frame = this.#waiting.shift()) {
      // Made by encodeFrame from a frame of the server.
      await this.#following.take(JSON.parse(frame.webSocket().toString()) as ServerFrame)
      this.#bytes -= frame.bytes
      this.position = frame.position ?? this.position
    }
    this.#pumping = undefined
    this.#line?.drained()
  }
}

/** Says when the database goes away and when it is back; the hub itself tries again in silence. Keeps the process running. */
function watchDatabase(database: Database, { notice }: Following): NodeJS.Timeout {
  let isGone = false
  return setInterval(() => {
    logBounds(database.reader).then(
      () => {
        if (isGone) notice('The database answers again; what happened meanwhile is told.')
        isGone = false
      },
      (error) => {
        if (!isGone && isAway(error))
          notice('The database does not answer: it is asked again until it does, and nothing is missed.')
        isGone ||= isAway(error)
      },
    )
  }, WATCH_MS)
}
