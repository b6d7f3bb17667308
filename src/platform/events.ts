import type { Static, TObject, TSchema } from 'typebox'
import type { Actor } from './actor.ts'

export type Visibility = 'public' | 'internal'

/** What an event is about. `public_version` is the version that a requester knows; absent where there is but one. */
export interface Subject {
  type: string
  id: string
  version: number
  public_version?: number
}

/** A kind of event: its name, kept for ever, and the shape of its facts. */
export interface EventDefinition<S extends TSchema = TSchema> {
  type: string
  data: S
}

/** One thing that happened, as a command announces it. */
export interface Announcement<S extends TSchema = TSchema> {
  actor: Pick<Actor, 'type' | 'id'>
  subject: Subject
  /** The ticket that it happened in, and the number that its row gave out under its lock. */
  ticket?: { id: string; seq: number }
  visibility: Visibility
  data: Static<S>
  previous?: Record<string, unknown>
}

/** Something to announce with a change of an object. Without a subject of its own it is about that object. */
export interface News {
  event: EventDefinition
  visibility: Visibility
  data: Record<string, unknown>
  previous?: Record<string, unknown>
  subject?: Subject
  /** Who did it, when it is not who acts: what follows by itself is Beckon's own act. */
  actor?: Pick<Actor, 'type' | 'id'>
}

/** Declares news with its facts checked against the event's shape. */
export function news<S extends TSchema>(event: EventDefinition<S>, rest: Omit<News, 'event'>): News {
  return { event, ...rest }
}

/** An event as it is kept, and as reactions get it. */
export interface StoredEvent {
  id: string
  type: string
  subject: Subject
  ticket_id: string | null
  visibility: Visibility
  actor: { type: string; id: string }
  data: Record<string, unknown>
  previous: Record<string, unknown> | null
  request_id: string | null
  occurred_at: number
}

const defined = new Map<string, EventDefinition>()

/** Declares a kind of event, `noun.past`. Facts are added, never changed. */
export function defineEvent<S extends TObject>(type: string, data: S): EventDefinition<S> {
  if (defined.has(type)) throw new Error(`event ${type} is defined twice`)
  const definition = { type, data }
  defined.set(type, definition)
  return definition
}

/** Every declared kind of event, by name. */
export function allEvents(): EventDefinition[] {
  return [...defined.values()].sort((a, b) => a.type.localeCompare(b.type))
}

/** What a reaction is handed: the event, and which try this is. */
export interface Delivery {
  id: string
  attempt: number
  event: StoredEvent
}

/** Something that is owed after an event. Runs at least once: twice must be the same as once. */
export interface Reaction {
  /** `module.what-it-does`, kept for ever: deliveries that wait name it. */
  name: string
  on: EventDefinition[]
  /** Deliveries of one ticket run one after the other; a dead one lets the next go. */
  orderedByTicket?: boolean
  handle(delivery: Delivery): Promise<void>
}
