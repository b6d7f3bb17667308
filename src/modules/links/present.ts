import type { Static } from 'typebox'
import { toTime } from '../../platform/codecs.ts'
import type { SeenLink } from './queries.ts'
import type { TicketLink } from './schema.ts'

export function toLink(row: SeenLink): Static<typeof TicketLink> {
  return {
    id: row.id,
    object: 'ticket_link',
    kind: row.kind,
    ticket_id: row.other_id,
    ticket_number: row.ticket_number,
    created_by: { type: row.created_by_type, id: row.created_by_id },
    created_at: toTime(row.created_at),
    // A link is made and removed, and never changed.
    updated_at: toTime(row.created_at),
    version: 1,
  }
}
