import type { Static } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { findVisibleMessage, findVisibleTicket, toMessage, toTicket } from '../tickets/index.ts'
import type { SeenEvent } from './queries.ts'
import type { Event } from './schema.ts'

type Shown = Exclude<Static<typeof Event>['object'], 'event'>

/** Reads the subjects of events as an actor may see them now: null when one is gone, hidden, or has no view of its own. */
export async function subjectsOf(db: Reader, actor: Actor, events: readonly SeenEvent[]): Promise<Map<string, Shown>> {
  const subjects = new Map<string, Shown>()
  for (const { subject_type, subject_id, ticket_id } of events) {
    if (ticket_id === null || subjects.has(subject_id)) continue
    const ticket = await findVisibleTicket(db, actor, ticket_id)
    if (!ticket) subjects.set(subject_id, null)
    else if (subject_type === 'ticket') subjects.set(subject_id, toTicket(ticket, actor))
    else {
      const message = await findVisibleMessage(db, ticket, subject_id)
      subjects.set(subject_id, message ? toMessage(message) : null)
    }
  }
  return subjects
}
