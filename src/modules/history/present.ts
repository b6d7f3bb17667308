import type { Static } from 'typebox'
import { fromJson, toTime } from '../../platform/codecs.ts'
import type { SeenEvent } from './queries.ts'
import type { Event } from './schema.ts'

/** An event as its reader may see it: on the public side with the version that a requester knows. */
export function toEvent(row: SeenEvent): Static<typeof Event> {
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
