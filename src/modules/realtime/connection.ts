import type { Actor } from '../../platform/actor.ts'
import type { SeenEvent } from '../history/index.ts'
import type { SavedList } from '../tickets/index.ts'
import type { Telling, Told } from './audience.ts'
import type { Encoded, EndReason, Line, Peer } from './live.ts'
import type { Topic } from './topic.ts'

// A peer that has so much before it is not handed anything more.
const FULL_BYTES = 64 * 1024
// So much is owed at the most to who does not read.
const OWED_BYTES = 1024 * 1024
const PATIENCE_MS = 30_000
// Who is told of more than happened in a second is told much: who listens to single tickets, and who listens to more than that.
const MUCH = { narrow: 20, wide: 5 }

/** One topic of a connection. */
export interface Subscription {
  topic: Topic
  /** As Beckon writes it. */
  name: string
  /** As the client wrote it. */
  asked: string
  /** What a view lists. */
  list?: KeyedList | undefined
}

/** The list of a view. Those with one key have the same tickets for all who have it. */
interface KeyedList {
  saved: SavedList
  key: string
}

/** Lists with the same filters are one list; where they may mean `me`, one for each person. */
export function keyed(saved: SavedList, actor: Actor): KeyedList {
  const text = JSON.stringify(saved.filters)
  return { saved, key: /\bme\b/.test(text) ? `${actor.id} ${text}` : text }
}

/** Why nothing more is handed over for now, and what was passed over since. */
interface Stall {
  /** When less was pending than ever since. */
  read_at: number
  pending: number
  skipped: number
  /** How far it was counted. */
  counted_to: number
}

/** How far those who are live are told: all of them up to `told`, and some of them already up to `position`. */
export interface Progress {
  position: number
  told: number
}

/** Tells one connection one event, as far as it may hear it, has not heard it, and can take it. */
export type Tell = (connection: Connection, event: Told, telling: Telling) => void

/** One live connection: what it hears, and how far it was told. */
export class Connection {
  readonly peer: Peer
  actor: Actor
  line: Line | undefined
  readonly subscriptions = new Map<string, Subscription>()
  /** Everything up to here was told; while it is live, everything up to the hub's position is told, too. */
  cursor = 0
  /** Whether it gets what happens as it happens; otherwise it reads the log from its cursor on. */
  isLive = false
  isClosed = false
  /** It is told much, and was not reached while the others were told: it reads the log in the crowd's time until it has caught up. */
  isOfCrowd = false
  /** It reads the log from its beginning: there is nothing that it could hold too much of. */
  holdsNothing = false
  /** Why Beckon ended it, if it did. */
  ended: EndReason | undefined
  /** Rises whenever it goes on from another place, with other topics or other rights: what was made ready before is not for it. */
  epoch = 0
  stall: Stall | undefined
  #second = 0
  #frames = 0
  #framesBefore = 0

  constructor(peer: Peer, actor: Actor) {
    this.peer = peer
    this.actor = actor
  }

  get topics(): Topic[] {
    return [...this.subscriptions.values()].map(({ topic }) => topic)
  }

  /** It has read what it missed: from here on it is told what happens. */
  comeAlive(): void {
    this.isLive = true
    this.isOfCrowd = false
    this.holdsNothing = false
  }

  /** Hands over what an event means to it. False when it cannot take more: then it stands where it stood. */
  offer({ position, occurred_at }: SeenEvent, frames: readonly Encoded[], now: number): boolean {
    const pending = this.peer.pendingBytes()
    if (pending > FULL_BYTES) {
      this.isLive = false
      this.epoch++
      this.stall = { read_at: now, pending, skipped: 0, counted_to: this.cursor }
      return false
    }
    this.#count(frames.length, occurred_at)
    for (const frame of frames) this.peer.send(frame)
    this.cursor = position
    return true
  }

  /** Whether it is told much of what happened in the second of an event, or in the one before. */
  isToldMuch({ occurred_at }: SeenEvent): boolean {
    this.#count(0, occurred_at)
    const most = Math.max(this.#frames, this.#framesBefore)
    if (most <= MUCH.wide) return false
    return most > MUCH.narrow || this.topics.some(({ kind }) => kind !== 'ticket')
  }

  // By when it happened, not by when it is told: who gets at once what has piled up while the node had no time is not told much.
  #count(frames: number, occurred_at: number): void {
    // Nodes tell the time, and so it may go back a little.
    const second = Math.max(this.#second, Math.floor(occurred_at / 1000))
    if (second !== this.#second) {
      this.#framesBefore = second === this.#second + 1 ? this.#frames : 0
      this.#second = second
      this.#frames = 0
    }
    this.#frames += frames
  }

  /** Counts what a stalled connection would have been told. */
  skip(position: number, frames: readonly Encoded[]): void {
    const { stall } = this
    if (!stall || position <= stall.counted_to) return
    stall.counted_to = position
    for (const { bytes } of frames) stall.skipped += bytes
  }

  /** Whether too much is owed to it, or more is owed than it has read for too long. */
  isTooSlow({ now, position }: { now: number; position: number }): boolean {
    const { stall } = this
    if (!stall) return false
    const pending = this.peer.pendingBytes()
    if (pending < stall.pending) Object.assign(stall, { pending, read_at: now })
    if (pending + stall.skipped > OWED_BYTES) return true
    return now - stall.read_at >= PATIENCE_MS && this.cursor < position
  }
}
