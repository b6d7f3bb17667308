import type { Static } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import { fromJson, toTime } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { SeenEvent } from './queries.ts'
import type { Event } from './schema.ts'
import { lookAt } from './subjects.ts'

/** An event on the wire. */
export type EventJson = Static<typeof Event>

/** What an event is shown with: what it is about, and the ticket in which it happened. */
type Included = 'object' | 'ticket'

/**
 * Events as an actor may see them, in their order, with what he asks for as it is now: each ticket and each subject is looked at once.
 * `ticket` is absent outside tickets, and where `object` is that ticket already; what is gone or hidden is null.
 */
export async function presentEvents(
  db: Reader,
  actor: Actor,
  events: readonly SeenEvent[],
  { include }: { include: readonly Included[] },
): Promise<EventJson[]> {
  if (include.length === 0) return events.map(toEvent)
  const [withSubjects, withTickets] = [include.includes('object'), include.includes('ticket')]
  const { subjects, tickets } = await lookAt(db, actor, { events, withSubjects })
  return events.map((row) => {
    const event = toEvent(row)
    if (withSubjects) event.object = subjects.get(row.subject_id) ?? null
    if (withTickets && row.ticket_id !== null && !(withSubjects && row.subject_id === row.ticket_id))
      event.ticket = tickets.get(row.ticket_id) ?? null
    return event
  })
}

/** An event as its reader may see it: on the public side with the version that a requester knows. */
export function toEvent(row: SeenEvent): EventJson {
  const version = row.is_staff === 1 ? row.subject_version : (row.subject_public_version ?? row.subject_version)
  return {
    id: row.id,
    object: 'event',
    position: row.position,
    type: row.type,
    occurred_at: toTime(row.occurred_at),
    // Written by announce() from an Actor.
    actor: { type: row.actor_type as 'user', id: row.actor_id },
    subject: { type: row.subject_type, id: row.subject_id, version },
    ticket_id: row.ticket_id,
    visibility: row.visibility,
    data: fromJson(row.data),
    previous: row.previous === null ? null : fromJson(row.previous),
    request_id: row.request_id,
  }
}
