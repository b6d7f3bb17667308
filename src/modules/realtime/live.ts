import type { Actor } from '../../platform/actor.ts'
import type { PassingFrame, ServerFrame } from './frames.ts'
import type { Topic } from './topic.ts'

// The seam between the hub, which knows what is to be told to whom, and the transports, which carry it.

/** A message that has come: which, where, and from whom. */
export interface NewsOfMessage {
  id: string
  ticket_id: string
  author_id: string
}

/** A frame, encoded at most once for each kind of transport, whoever gets it. */
export interface Encoded {
  /** Where in the log it stands; the client's cursor once it has it. Undefined for what passes by. */
  readonly position: number | undefined
  readonly type: ServerFrame['type']
  /** How long its JSON is. */
  readonly bytes: number
  /** The message that it brings, of a `message.created`. */
  readonly message?: NewsOfMessage | undefined
  /** As a block of an event stream, with the empty line at its end. */
  eventStream(): Buffer
  /** As the text of a WebSocket message. */
  webSocket(): Buffer
  /** The same as a whole frame of a server: to make its header for each of ten thousand peers costs as much as to send it. */
  webSocketFrame(): Buffer
}

/** Why a connection is ended by Beckon. */
export type EndReason =
  | 'signed_out' // the session or key ended, or its owner was deactivated
  | 'slow_reader' // too much was owed to it
  | 'stopping' // the node stops
  | 'failed' // a bug, or the database stayed away

/** One live connection, as its transport shows it to the hub. */
export interface Peer {
  /** Hands a frame to the network. Never waits. */
  send(frame: Encoded): void
  /** How many bytes were handed over that the network has not taken. */
  pendingBytes(): number
  /** What is sent within goes to the network in one piece: that costs little more than one frame. The work must not throw. */
  atOnce(work: () => void): void
  /** Tells the peer why, as far as it still reads, and closes; frees what is pending within a few seconds. */
  end(reason: EndReason): void
}

/** What is heard now. */
export interface Heard {
  topics: readonly Topic[]
  /** What happens after it is told. */
  position: number
}

/** One live connection, as the hub shows it to its transport. */
export interface Line {
  /** Who listens, as of now. */
  readonly actor: Actor
  /** How far everything was told. */
  readonly position: number
  readonly topics: readonly Topic[]
  /**
   * Hears of more topics, all or none: throws 404 for one that is hidden or missing, 422 for more than 100 in all. With `after` the
   * connection goes on from there with all of its topics; what cannot be told from there is told by a `reset` frame. Nothing is told before `onHeard` was called, which announces it.
   */
  subscribe(topics: readonly Topic[], options: { after?: number | undefined; onHeard(heard: Heard): void }): Promise<void>
  unsubscribe(topics: readonly Topic[]): Heard
  /** Hears again what came after a position. */
  resume(after: number, onHeard: (heard: Heard) => void): Promise<void>
  /** To be called when the network has taken everything that was pending. */
  drained(): void
  /** To be called when the connection is gone. */
  close(): void
}

/** Who listens, and what they are told. */
export interface Hub {
  /** Takes a connection in; it hears nothing before it subscribes. Throws 429 or 503 where there are too many, and 503 once the node stops. */
  open(peer: Peer, actor: Actor): Line
  /** Tells what passes by to those who listen to a ticket now, each side its own or nothing; that he writes or looks to nobody himself. */
  pass(ticket_id: string, frames: { staff: PassingFrame | null; requester: PassingFrame | null }): void
  /** Says that the log may have grown. Never waits. */
  wake(): void
  /** Resolves when everything that is in the log now was told to everybody who keeps up. */
  settle(): Promise<void>
  /** How many connections there are, and the position that was told last: for /metrics and tests. */
  count(): { connections: number; position: number }
  /** Ends all connections. */
  close(): Promise<void>
}
