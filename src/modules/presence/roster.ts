import type { Clock } from '../../platform/clock.ts'
import { bounded, isOver, type Lease, leftOf, NOTHING, together, type View } from './lease.ts'

/** A person, or an API key. */
export interface Person {
  id: string
  name: string
}

/** What one connection, or another node, says of somebody in a ticket. */
interface Held {
  lease: Lease
  side: View
  /** It is said by somebody who is connected to this node. */
  isOwn: boolean
}

/** Somebody who is in a ticket, on one or more devices. */
export interface Here {
  readonly ticket_id: string
  person: Person
  readonly holders: Map<string, Held>
}

/** Who is in which ticket, as far as this node knows: in memory, bounded, and gone when it ends. */
export interface Roster {
  /** Takes in what a holder says of somebody in a ticket. What nobody does any more is forgotten. */
  hold(
    said: { ticket_id: string; person: Person; holder: string; side: View; isOwn: boolean },
    change: (lease: Lease, now: number) => Lease,
  ): void
  /** Ends all that a holder said, at once. */
  leave(holder: string): void
  /** Everybody who is in a ticket, in the order in which they came. */
  inTicket(ticket_id: string): Iterable<Here>
  everybody(): Iterable<Here>
  /** Forgets what has ended, and tells of everybody. Answers whether anybody is left. */
  sweep(): boolean
}

/** Why somebody is told of: something was said of him, or time has passed. */
export type Why = 'said' | 'time'
export type Listen = (here: Here, now: number, why: Why) => void

interface Bounds {
  tickets: number
  /** Who comes when a ticket is full is not taken in. */
  peoplePerTicket: number
  ticketsPerHolder: number
}

/**
 * Where there are too many tickets, what was touched longest ago ends first. `tell` is called after whatever may be news of
 * somebody.
 */
export function createRoster({ clock, bounds, tell }: { clock: Clock; bounds: Bounds; tell: Listen }): Roster {
  const tickets = new Map<string, Map<string, Here>>()
  // What each holder of this node holds, by ticket, the longest untouched first.
  const held = new Map<string, Map<string, Here>>()

  const told = (here: Here, now: number, why: Why = 'said'): void => {
    tell(here, now, why)
    if (here.holders.size > 0) return
    const people = tickets.get(here.ticket_id)
    people?.delete(here.person.id)
    if (people?.size === 0) tickets.delete(here.ticket_id)
  }
  const release = (here: Here, holder: string): void => {
    here.holders.delete(holder)
    const own = held.get(holder)
    own?.delete(here.ticket_id)
    if (own?.size === 0) held.delete(holder)
  }
  const endTicket = (ticket_id: string, now: number): void => {
    for (const here of [...(tickets.get(ticket_id)?.values() ?? [])]) {
      for (const holder of [...here.holders.keys()]) release(here, holder)
      told(here, now)
    }
  }
  const touch = (ticket_id: string, now: number): Map<string, Here> => {
    const people = tickets.get(ticket_id) ?? new Map<string, Here>()
    tickets.delete(ticket_id)
    tickets.set(ticket_id, people)
    const [oldest] = tickets.keys()
    if (tickets.size > bounds.tickets && oldest !== undefined) endTicket(oldest, now)
    return people
  }
  const remember = (holder: string, here: Here, now: number): void => {
    const own = held.get(holder) ?? new Map<string, Here>()
    held.set(holder, own)
    own.delete(here.ticket_id)
    own.set(here.ticket_id, here)
    const [oldest] = own.values()
    if (own.size <= bounds.ticketsPerHolder || !oldest) return
    release(oldest, holder)
    told(oldest, now)
  }

  return {
    hold({ ticket_id, person, holder, side, isOwn }, change) {
      const now = clock.now()
      const known = tickets.get(ticket_id)?.get(person.id)
      const lease = leftOf(change(known?.holders.get(holder)?.lease ?? NOTHING, now), now)
      if (isOver(lease, now)) {
        if (!known) return
        release(known, holder)
        return told(known, now)
      }
      if (!known && (tickets.get(ticket_id)?.size ?? 0) >= bounds.peoplePerTicket) return
      const here = known ?? { ticket_id, person, holders: new Map() }
      here.person = person
      here.holders.set(holder, { lease, side, isOwn })
      touch(ticket_id, now).set(person.id, here)
      if (isOwn) remember(holder, here, now)
      told(here, now)
    },
    leave(holder) {
      const now = clock.now()
      for (const here of [...(held.get(holder)?.values() ?? [])]) {
        release(here, holder)
        told(here, now)
      }
    },
    inTicket: (ticket_id) => tickets.get(ticket_id)?.values() ?? [],
    everybody: () => [...tickets.values()].flatMap((people) => [...people.values()]),
    sweep() {
      const now = clock.now()
      for (const people of [...tickets.values()])
        for (const here of [...people.values()]) {
          for (const [holder, held] of [...here.holders]) {
            held.lease = bounded(held.lease, now)
            if (isOver(held.lease, now)) release(here, holder)
          }
          told(here, now, 'time')
        }
      return tickets.size > 0
    },
  }
}

/** What somebody does, all his devices together, or those of this node alone; he counts as staff where any of them does. */
export function standingOf({ holders }: Here, now: number, which: 'all' | 'own'): { lease: Lease; side: View } {
  const counted = [...holders.values()].filter(({ lease, isOwn }) => (which === 'all' || isOwn) && !isOver(lease, now))
  return {
    lease: together(counted.map(({ lease }) => lease)),
    side: counted.some(({ side }) => side === 'staff') ? 'staff' : 'requester',
  }
}
