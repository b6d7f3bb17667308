import type { StatusCategory } from '../workflow/index.ts'

export type { StatusCategory } from '../workflow/index.ts'

declare module '../../platform/database/schema.ts' {
  interface Schema {
    tickets: TicketRow
    ticket_numbers: { number: number }
    ticket_tags: { ticket_id: string; tag: string }
    ticket_participants: ParticipantRow
    ticket_preferences: PreferenceRow
    ticket_field_values: FieldValueRow
  }
}

/**
 * A ticket. Where a note must not show, there are two of a kind: `version`, `updated_at`, `last_message_at` and
 * `message_count` move with everything, their `public_` twins only with what a requester sees.
 */
export interface TicketRow {
  id: string
  number: number
  subject: string
  lifecycle_id: string
  /** A key of its lifecycle. */
  status: string
  status_category: StatusCategory
  /** What requesters see as its status, where that is not its key. */
  public_status: string | null
  /** 1 low, 2 normal, 3 high, 4 urgent: sorts by urgency. */
  priority: number
  /** When it should be done. It decides the place in line, and nothing else. */
  due_at: number | null
  /** Its place in the line of its queue, the lowest first; null unless somebody may take it. Derived: see `rankInLine`. */
  waiting_rank: number | null
  queue_id: string
  category_id: string | null
  requester_id: string
  organization_id: string | null
  assignee_id: string | null
  /** JSON, sorted; `ticket_tags` holds the same for filters. */
  tags: string
  channel: string
  external_id: string | null
  metadata: string
  type_id: string | null
  /** JSON, sorted: the values of custom fields by their keys; `ticket_field_values` holds the same for filters and orders. */
  fields: string
  follow_up_of_id: string | null
  /** The ticket that its conversation went into: this one is closed, and what is written to it goes there. */
  merged_into_id: string | null
  pending_until: number | null
  first_response_at: number | null
  solved_at: number | null
  closed_at: number | null
  last_message_at: number | null
  public_last_message_at: number | null
  message_count: number
  public_message_count: number
  /** The number of the last thing that happened in this ticket, given under its row lock. */
  last_seq: number
  version: number
  public_version: number
  created_at: number
  updated_at: number
  public_updated_at: number
  /** A deleted ticket stays as an empty row, so that its tombstone event is shown to those who saw it. */
  deleted_at: number | null
}

/** A value of a custom field as it is compared, one row for each choice: dates as days since 1970, booleans as 0 and 1. */
interface FieldValueRow {
  ticket_id: string
  field_id: string
  item: number
  text_value: string | null
  number_value: number | null
}

export interface ParticipantRow {
  ticket_id: string
  user_id: string
  /** A cc takes part in the public side; a follower is an agent who sees both. */
  role: 'cc' | 'follower'
  created_at: number
}

/** What somebody said that he wants to hear of a ticket. It stays when he leaves the ticket, and counts again when he comes back. */
export interface PreferenceRow {
  ticket_id: string
  user_id: string
  notify: 'all' | 'replies' | 'none'
  updated_at: number
}
