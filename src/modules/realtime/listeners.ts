import type { TicketFacts } from '../tickets/index.ts'
import type { Told } from './audience.ts'
import type { Connection, Subscription } from './connection.ts'
import type { Topic } from './topic.ts'

type Sets = Map<string, Set<Connection>>

/** Who listens to what: so that an event looks only at those whom it may concern. */
export class Listeners {
  readonly #byTicket: Sets = new Map()
  readonly #byQueue: Sets = new Map()
  /** Who hears of what concerns himself, by his id. */
  readonly #byPerson: Sets = new Map()
  readonly viewers = new Set<Connection>()
  readonly everything = new Set<Connection>()

  add(connection: Connection, { topic }: Subscription): void {
    const place = this.#placeOf(topic, connection)
    if (!Array.isArray(place)) place.add(connection)
    else put(...place, connection)
  }

  /** To be called when the subscription is gone from the connection. */
  remove(connection: Connection, { topic }: Subscription): void {
    // It may have other views.
    if (topic.kind === 'view' && connection.topics.some(({ kind }) => kind === 'view')) return
    const place = this.#placeOf(topic, connection)
    if (!Array.isArray(place)) place.delete(connection)
    else take(...place, connection)
  }

  #placeOf(topic: Topic, { actor }: Connection): Set<Connection> | [sets: Sets, key: string] {
    switch (topic.kind) {
      case 'ticket':
        return [this.#byTicket, topic.id]
      case 'queue':
        return [this.#byQueue, topic.id]
      case 'me':
        return [this.#byPerson, actor.id]
      case 'view':
        return this.viewers
      case 'all':
        return this.everything
    }
  }

  /** Who listens to one ticket. */
  ofTicket(id: string): Iterable<Connection> {
    return this.#byTicket.get(id) ?? []
  }

  /** Whether nobody can hear of what happens in this ticket, or outside all of them. */
  areDeafTo(ticket_id: string | null): boolean {
    if (this.everything.size > 0) return false
    if (ticket_id === null) return true
    const isNarrow = this.viewers.size === 0 && this.#byQueue.size === 0 && this.#byPerson.size === 0
    return isNarrow && !this.#byTicket.has(ticket_id)
  }

  /** All whom an event may concern, some of them more than once; who hears of everything comes last. */
  *of({ ticket, before }: Pick<Told, 'ticket' | 'before'>): Generator<Connection> {
    if (ticket) yield* this.#ofTicket(ticket, before)
    yield* this.everything
  }

  *#ofTicket(ticket: TicketFacts, before: TicketFacts | undefined): Generator<Connection> {
    yield* this.#byTicket.get(ticket.id) ?? []
    for (const facts of before ? [ticket, before] : [ticket]) {
      yield* this.#byQueue.get(facts.queue_id) ?? []
      if (this.#byPerson.size === 0) continue
      const people = [facts.requester_id, facts.assignee_id, ...facts.participants.map(({ user_id }) => user_id)]
      for (const id of people) yield* (id !== null && this.#byPerson.get(id)) || []
    }
    yield* this.viewers
  }
}

function put(sets: Sets, key: string, connection: Connection): void {
  const set = sets.get(key)
  if (set) set.add(connection)
  else sets.set(key, new Set([connection]))
}

function take(sets: Sets, key: string, connection: Connection): void {
  const set = sets.get(key)
  set?.delete(connection)
  if (set?.size === 0) sets.delete(key)
}
