import type { Actor } from '../../platform/actor.ts'
import { Connection, type Subscription } from './connection.ts'
import { encodeFrame } from './encoded.ts'
import { Listeners } from './listeners.ts'
import type { EndReason, Peer } from './live.ts'
import { NodeFull, TooManyStreams } from './problems.ts'

export interface Limits {
  streamsPerNode: number
  streamsPerCaller: number
}

/** The live connections of this node, and who is behind them. */
export class Connections {
  readonly all = new Set<Connection>()
  /** Those that take nothing more for now. */
  readonly stalled = new Set<Connection>()
  readonly listeners = new Listeners()
  readonly #limits: Limits
  readonly #perCaller = new Map<string, number>()
  // Whoever is the same is one actor here: what he may see is asked once, however many connections he has.
  readonly #actors = new Map<string, { actor: Actor; of: Set<Connection> }>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Everybody who listens, each once. */
  actors(): Actor[] {
    return [...this.#actors.values()].map(({ actor }) => actor)
  }

  /** The connections of one of them, as they are now. */
  of(actor: Actor): readonly Connection[] {
    const known = this.#actors.get(keyOf(actor))
    return known?.actor === actor ? [...known.of] : []
  }

  /** Takes a connection in. Throws 429 or 503. */
  open(peer: Peer, actor: Actor): Connection {
    const { streamsPerNode, streamsPerCaller } = this.#limits
    const count = this.#perCaller.get(actor.id) ?? 0
    if (this.all.size >= streamsPerNode) throw NodeFull({ headers: { 'Retry-After': '1' } })
    if (count >= streamsPerCaller) throw TooManyStreams()
    const connection = new Connection(peer, actor)
    this.#adopt(connection, actor)
    this.#perCaller.set(actor.id, count + 1)
    this.all.add(connection)
    return connection
  }

  /** Lets a connection go, of which the peer knows already. */
  drop(connection: Connection): void {
    if (connection.isClosed) return
    connection.isClosed = true
    for (const subscription of connection.subscriptions.values()) this.forget(connection, subscription)
    this.all.delete(connection)
    this.stalled.delete(connection)
    this.#release(connection)
    const { id } = connection.actor
    const count = this.#perCaller.get(id) ?? 1
    if (count === 1) this.#perCaller.delete(id)
    else this.#perCaller.set(id, count - 1)
  }

  end(connection: Connection, reason: EndReason): void {
    if (connection.isClosed) return
    this.drop(connection)
    connection.ended = reason
    connection.peer.end(reason)
  }

  /** Somebody's rights are others now: what was made ready for him before is not for him. */
  changeActor(connection: Connection, actor: Actor): void {
    this.#release(connection)
    this.#adopt(connection, actor)
    connection.epoch++
  }

  listen(connection: Connection, subscription: Subscription): void {
    connection.subscriptions.set(subscription.name, subscription)
    this.listeners.add(connection, subscription)
  }

  forget(connection: Connection, subscription: Subscription): void {
    connection.subscriptions.delete(subscription.name)
    this.listeners.remove(connection, subscription)
  }

  /** Takes from a connection what it may not hear any more, and says so. */
  closeTopics(connection: Connection, closed: Iterable<Subscription>): void {
    const gone = [...closed].filter((one) => connection.subscriptions.get(one.name) === one)
    if (connection.isClosed || gone.length === 0) return
    for (const subscription of gone) this.forget(connection, subscription)
    connection.peer.send(encodeFrame({ type: 'unsubscribed', topics: gone.map(({ name }) => name), reason: 'gone' }))
  }

  /** Takes from a connection the views that mean nothing any more. */
  closeOutdated(connection: Connection, outdated: ReadonlySet<string>): void {
    if (outdated.size === 0) return
    const subscriptions = connection.subscriptions.values()
    this.closeTopics(
      connection,
      subscriptions.filter(({ list }) => list !== undefined && outdated.has(list.key)),
    )
  }

  #adopt(connection: Connection, actor: Actor): void {
    const key = keyOf(actor)
    const known = this.#actors.get(key) ?? { actor, of: new Set() }
    known.of.add(connection)
    this.#actors.set(key, known)
    connection.actor = known.actor
  }

  #release(connection: Connection): void {
    const key = keyOf(connection.actor)
    const known = this.#actors.get(key)
    known?.of.delete(connection)
    if (known?.of.size === 0) this.#actors.delete(key)
  }
}

// An actor does not change once he is loaded.
const keys = new WeakMap<Actor, string>()

function keyOf(actor: Actor): string {
  const key = keys.get(actor) ?? JSON.stringify(actor)
  keys.set(actor, key)
  return key
}
