import { setImmediate } from 'node:timers/promises'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { Problem } from '../../platform/problems.ts'
import { type EventJson, presentEvents, type SeenEvent, toEvent } from '../history/index.ts'
import { asSeenFrom, findMessages, type SignedMessage, ticketsOfMessages, toMessage } from '../messages/index.ts'
import {
  factsOf,
  matchSavedTickets,
  type SavedList,
  type TicketFacts,
  takersOf,
  toTicket,
  type View,
  viewOf,
} from '../tickets/index.ts'
import type { Connection, Subscription } from './connection.ts'
import { encodeEvent, encodeFrame } from './encoded.ts'
import type { Encoded } from './live.ts'
import { isOfDatabase, movesOf, type NumberedMove } from './log-page.ts'
import { factsBefore, isWithin, mayLeaveView, movingTypes } from './topic.ts'

/** An event that is told, with the facts by which everybody's right to it is judged. */
export interface Told {
  row: SeenEvent
  /** The ticket in which it happened, as it is now. */
  ticket: TicketFacts | undefined
  /** The ticket as it stood before the event, where that may have taken it away from somebody. */
  before: TicketFacts | undefined
  /** It could not be made ready, and whom it concerns is not known. */
  isBroken?: true
}

/** A part of the log, made ready for all who listen: tickets, people and messages are looked at once. */
export interface Telling {
  events: readonly Told[]
  /** The lists of views whose filters mean nothing any more, by their keys. */
  outdated: ReadonlySet<string>
  /** What a connection is to hear of an event: nothing, the event, that a ticket left topics of his, or both. Throws what broke it. */
  framesFor(told: Told, connection: Connection): readonly Encoded[]
}

/** Those for whom more must be made ready than facts. */
interface Ears {
  viewers: Iterable<Connection>
  everything: Iterable<Connection>
}

type Sides = Record<View, ReadonlySet<string>>

// What more of them needs is looked up in several turns of the event loop: SQLite answers at once, and lets nobody else in between.
const FEW = 50

/** Makes a part of the log ready. An event that a bug forbids to make ready is broken, and the others are not. */
export async function prepareTelling(db: Reader, rows: readonly SeenEvent[], ears: Ears): Promise<Telling> {
  try {
    return await makeReady(db, rows, ears)
  } catch (error) {
    if (isOfDatabase(error)) throw error
    const [row] = rows
    if (row && rows.length === 1) return brokenTelling(row, error)
    const half = Math.ceil(rows.length / 2)
    return joined([await prepareTelling(db, rows.slice(0, half), ears), await prepareTelling(db, rows.slice(half), ears)])
  }
}

function brokenTelling(row: SeenEvent, error: unknown): Telling {
  return {
    events: [{ row, ticket: undefined, before: undefined, isBroken: true }],
    outdated: new Set(),
    framesFor: () => {
      throw error
    },
  }
}

function joined(parts: readonly Telling[]): Telling {
  const partOf = new Map(parts.flatMap((part) => part.events.map((told) => [told, part] as const)))
  return {
    events: [...partOf.keys()],
    outdated: new Set(parts.flatMap(({ outdated }) => [...outdated])),
    framesFor: (told, connection) => partOf.get(told)?.framesFor(told, connection) ?? [],
  }
}

/**
 * What a reader may hear is `viewOf` on the ticket's facts as they are now, and what he is shown
 * depends on his class alone: so a frame is made once for each class, whoever gets it.
 */
async function makeReady(db: Reader, rows: readonly SeenEvent[], ears: Ears): Promise<Telling> {
  const ofMessages = rows.filter(isOfMessage).map(({ subject_id }) => subject_id)
  // A merge or a split may have moved a message since: it is shown as its reader sees the ticket that it is in now.
  const pause = () => (rows.length > FEW ? setImmediate() : undefined)
  await pause()
  const places = await ticketsOfMessages(db, [...new Set(ofMessages)])
  const facts = await factsOf(db, [...rows.flatMap(({ ticket_id }) => ticket_id ?? []), ...places.values()])
  await pause()
  // After the facts: a move that they do not know of yet takes them to where they are.
  const moves = await movesOf(db, [...new Set(rows.filter(isMove).flatMap(({ ticket_id }) => ticket_id ?? []))])
  const inTickets = [...new Set(rows.flatMap(({ ticket_id }) => ticket_id ?? []))]
  const found = await findMessages(db, { ticket_ids: [...new Set(places.values())], view: 'staff' }, [...places.keys()])
  await pause()
  const messages = new Map(found.map((message) => [message.id, message]))
  const sides = createSides()
  const { lists, outdated } = await readLists(db, ears.viewers, (actors) => {
    const seen = (view: View) => inTickets.filter((id) => actors.some((actor) => sides.of(facts.get(id), actor) === view))
    return { staff: seen('staff'), requester: seen('requester') }
  })
  await pause()
  const outside = await readOutside(
    db,
    rows.filter(({ ticket_id }) => ticket_id === null),
    ears.everything,
  )
  const frames = new Map<string, Encoded>()

  const once = (key: string, make: () => Encoded): Encoded => {
    let frame = frames.get(key)
    if (!frame) {
      frame = make()
      frames.set(key, frame)
    }
    return frame
  }
  const outsideFrame = (row: SeenEvent, { actor }: Connection): Encoded => {
    const ofClass = scopeClass(actor)
    return once(`${row.position} ${ofClass}`, () => {
      const event = outside.get(ofClass)?.get(row.id)
      if (!event) throw new Error('an event outside tickets was not made ready for who hears it')
      return encodeEvent(event)
    })
  }
  const eventFrame = (row: SeenEvent, ticket: TicketFacts, { actor, view }: { actor: Actor; view: View }): Encoded => {
    const message = isOfMessage(row) ? messages.get(row.subject_id) : undefined
    const place = message && facts.get(message.ticket_id)
    const side = place && place.deleted_at === null ? sides.of(place, actor) : null
    const ofClass = `${view} ${takersOf(actor, { view, requester_id: ticket.requester_id }).join('+')} ${side}`
    return once(`${row.position} ${ofClass}`, () => {
      const shown = message && side !== null ? asSeenFrom(side, message) : undefined
      return encodeEvent(showEvent(row, ticket, { actor, view, message: shown }))
    })
  }
  return {
    events: rows.map((row) => toTold(row, facts.get(row.ticket_id ?? ''), moves.get(row.ticket_id ?? ''))),
    outdated,
    framesFor({ row, ticket, before }, connection) {
      const { actor, subscriptions } = connection
      if (row.ticket_id === null) {
        // The admins' security log.
        return actor.role === 'admin' && subscriptions.has('all') ? [outsideFrame(row, connection)] : []
      }
      if (!ticket) return []
      const view = sides.of(ticket, actor)
      const isSeen = view === 'staff' || (view === 'requester' && row.visibility === 'public')
      const stands = ({ topic, list }: Subscription): boolean => {
        const isListed = view !== null && list !== undefined && lists.get(list.key)?.[view].has(ticket.id) === true
        return isWithin(topic, ticket, { actor, view, isListed })
      }
      const told: Encoded[] = []
      const hears = isSeen && view !== null && subscriptions.values().some(stands)
      if (hears) told.push(eventFrame(row, ticket, { actor, view }))

      const viewBefore = before ? viewOf(before, actor) : null
      // Who sees another side than before holds what is not his any more, or lacks what is: for him it leaves and comes again.
      const hasTurned = viewBefore !== null && view !== null && viewBefore !== view
      const hasLeft = (subscription: Subscription): boolean => {
        const { topic, list } = subscription
        if (!before && !list) return false
        if (ticket.deleted_at === null && stands(subscription)) return hasTurned
        if (!list) return before !== undefined && isWithin(topic, before, { actor, view: viewBefore, isListed: false })
        // Whether a view had it before nobody knows: who does not hold it has nothing to take out.
        return (isSeen && mayLeaveView(list.saved.filters, row.type)) || (viewBefore !== null && view === null)
      }
      const left = Map.groupBy([...subscriptions.values()].filter(hasLeft), (one) => ticket.deleted_at === null && stands(one))
      for (const [again, some] of left) {
        const topics = some.map(({ name }) => name)
        // Before the event, and one place behind it: wherever the line is cut, both come again.
        const position = hears ? row.position - 1 : row.position
        const frame = () => encodeFrame({ type: 'left', ticket_id: ticket.id, topics, again, position })
        told.unshift(once(`${row.position} left ${again} ${position} ${topics.join()}`, frame))
      }
      return told
    },
  }
}

function isOfMessage({ subject_type, ticket_id }: SeenEvent): boolean {
  return subject_type === 'message' && ticket_id !== null
}

function isMove({ type }: SeenEvent): boolean {
  return type === 'ticket.deleted' || movingTypes.includes(type)
}

function toTold(row: SeenEvent, ticket: TicketFacts | undefined, moves: readonly NumberedMove[] = []): Told {
  const { ticket_seq } = row
  if (!ticket || ticket_seq === null || !isMove(row)) return { row, ticket, before: undefined }
  const since = moves.filter(({ seq }) => seq >= ticket_seq)
  return { row, ticket, before: factsBefore(ticket, since) }
}

/** An event as a class of readers may see it now, in the envelope of the log. */
function showEvent(
  row: SeenEvent,
  ticket: TicketFacts,
  { actor, view, message }: { actor: Actor; view: View; message: SignedMessage | undefined },
): EventJson {
  const event = toEvent({ ...row, is_staff: view === 'staff' ? 1 : 0 })
  const shown = ticket.deleted_at === null ? toTicket({ ...ticket, view }, actor) : null
  if (row.subject_id === ticket.id) return { ...event, object: shown }
  return { ...event, object: message ? toMessage(message) : null, ticket: shown }
}

/** From which side somebody sees a ticket: asked once, however many events are told. */
function createSides() {
  const known = new Map<TicketFacts, Map<Actor, View | null>>()
  return {
    of(ticket: TicketFacts | undefined, actor: Actor): View | null {
      if (!ticket) return null
      let views = known.get(ticket)
      if (!views) {
        views = new Map()
        known.set(ticket, views)
      }
      let view = views.get(actor)
      if (view === undefined) {
        view = viewOf(ticket, actor)
        views.set(actor, view)
      }
      return view
    },
  }
}

/** Which of the tickets stand in the views that are listened to: each list is asked once, on the sides from which somebody looks. */
async function readLists(
  db: Reader,
  viewers: Iterable<Connection>,
  seenBy: (actors: readonly Actor[]) => Record<View, string[]>,
): Promise<{ lists: ReadonlyMap<string, Sides>; outdated: ReadonlySet<string> }> {
  const asked = new Map<string, { saved: SavedList; actors: Set<Actor> }>()
  for (const { actor, subscriptions } of viewers)
    for (const { list } of subscriptions.values()) {
      if (!list) continue
      const same = asked.get(list.key) ?? { saved: list.saved, actors: new Set() }
      same.actors.add(actor)
      asked.set(list.key, same)
    }
  const lists = new Map<string, Sides>()
  const outdated = new Set<string>()
  for (const [key, { saved, actors }] of asked) {
    const [actor] = actors
    if (!actor) continue
    const ids = seenBy([...actors])
    try {
      lists.set(key, {
        staff: await matchSavedTickets(db, actor, { saved, view: 'staff', ids: ids.staff }),
        requester: await matchSavedTickets(db, actor, { saved, view: 'requester', ids: ids.requester }),
      })
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'validation_failed') throw error
      outdated.add(key)
    }
  }
  return { lists, outdated }
}

/** What an admin is shown outside tickets depends on his scopes, and on whether he is a person. */
function scopeClass({ type, scopes }: Actor): string {
  return `${type === 'user'} ${scopes?.join() ?? '*'}`
}

/** Events outside tickets, for each class of admins who listen to everything. */
async function readOutside(
  db: Reader,
  rows: readonly SeenEvent[],
  listeners: Iterable<Connection>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, EventJson>>> {
  const classes = new Map<string, Map<string, EventJson>>()
  if (rows.length === 0) return classes
  const seen = rows.map((row) => ({ ...row, is_staff: 1 }))
  for (const { actor } of listeners) {
    if (actor.role !== 'admin' || classes.has(scopeClass(actor))) continue
    const events = await presentEvents(db, actor, seen, { include: ['object', 'ticket'] })
    classes.set(scopeClass(actor), new Map(events.map((event) => [event.id, event])))
  }
  return classes
}
