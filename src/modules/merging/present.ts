import type { Static } from 'typebox'
import { toTime, toTimeOrNull } from '../../platform/codecs.ts'
import { undoneUntil } from './merge.ts'
import type { TicketMerge } from './schema.ts'
import type { MergeRow } from './tables.ts'

export function toMerge(row: MergeRow): Static<typeof TicketMerge> {
  return {
    id: row.id,
    object: 'ticket_merge',
    ticket_id: row.ticket_id,
    into_ticket_id: row.into_id,
    message_count: row.message_count,
    merged_by: { type: row.merged_by_type, id: row.merged_by_id },
    undo_until: toTimeOrNull(undoneUntil(row)),
    undone_at: toTimeOrNull(row.undone_at),
    undone_by: row.undone_by_type && row.undone_by_id ? { type: row.undone_by_type, id: row.undone_by_id } : null,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}
