import type { Static } from 'typebox'
import type { Actor } from '../../platform/actor.ts'
import { fromJson, toTime, toTimeOrNull } from '../../platform/codecs.ts'
import { type Definitions, type FieldValues, shownValues } from '../fields/index.ts'
import type { Lifecycle } from '../workflow/index.ts'
import { takersOf } from './policy.ts'
import type { Ticket, TicketTransition } from './schema.ts'
import { allowedTransitions, stepsFrom } from './steps.ts'
import type { TicketRow } from './tables.ts'
import { shownStatus, toPriority, type View } from './ticket.ts'

/** A ticket's row, and the side on which somebody sees it. */
export interface SeenTicket extends TicketRow {
  view: View
  lifecycle: Lifecycle
  /** The custom fields that there were when it was read. */
  definitions: Definitions
}

/** What of a ticket's row is shown on some side: lists read no more. */
export type ShownTicket = Omit<SeenTicket, 'waiting_rank' | 'last_seq' | 'deleted_at'>

/** A ticket as an actor may see it. */
export function toTicket(ticket: ShownTicket, actor: Actor): Static<typeof Ticket> {
  return ticket.view === 'staff' ? toStaffTicket(ticket, actor) : toRequesterTicket(ticket, actor)
}

function toStaffTicket(row: ShownTicket, actor: Actor): Static<typeof Ticket> {
  return {
    id: row.id,
    object: 'ticket',
    number: row.number,
    subject: row.subject,
    status: row.status,
    status_category: row.status_category,
    priority: toPriority(row.priority),
    queue_id: row.queue_id,
    category_id: row.category_id,
    requester_id: row.requester_id,
    organization_id: row.organization_id,
    assignee_id: row.assignee_id,
    due_at: toTimeOrNull(row.due_at),
    tags: row.tags === '[]' ? [] : fromJson<string[]>(row.tags),
    channel: row.channel,
    external_id: row.external_id,
    metadata: row.metadata === '{}' ? {} : fromJson<Record<string, string>>(row.metadata),
    type_id: row.type_id,
    fields: valuesOf(row, 'in_use'),
    allowed_transitions: allowedTransitions(row, takersOf(actor, row)),
    follow_up_of_id: row.follow_up_of_id,
    merged_into_id: row.merged_into_id,
    pending_until: toTimeOrNull(row.pending_until),
    first_response_at: toTimeOrNull(row.first_response_at),
    solved_at: toTimeOrNull(row.solved_at),
    closed_at: toTimeOrNull(row.closed_at),
    last_message_at: toTimeOrNull(row.last_message_at),
    message_count: row.message_count,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

function toRequesterTicket(row: ShownTicket, actor: Actor): Static<typeof Ticket> {
  return {
    id: row.id,
    object: 'ticket',
    number: row.number,
    subject: row.subject,
    status: shownStatus(row),
    status_category: row.status_category,
    priority: toPriority(row.priority),
    queue_id: row.queue_id,
    category_id: row.category_id,
    requester_id: row.requester_id,
    organization_id: row.organization_id,
    ...(row.definitions.readable.size === 0 ? {} : { fields: valuesOf(row, 'readable') }),
    allowed_transitions: allowedTransitions(row, takersOf(actor, row)),
    follow_up_of_id: row.follow_up_of_id,
    ...(row.merged_into_id === null ? {} : { merged_into_id: row.merged_into_id }),
    first_response_at: toTimeOrNull(row.first_response_at),
    solved_at: toTimeOrNull(row.solved_at),
    closed_at: toTimeOrNull(row.closed_at),
    last_message_at: toTimeOrNull(row.public_last_message_at),
    message_count: row.public_message_count,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.public_updated_at),
    version: row.public_version,
  }
}

/** The steps that an actor may take with a ticket, under the names that his side has for them. */
export function toTransitions(ticket: SeenTicket, actor: Actor): Static<typeof TicketTransition>[] {
  return stepsFrom(ticket, takersOf(actor, ticket)).map(({ status, missing_fields }) => ({
    object: 'transition',
    status: status.key,
    status_category: status.category,
    label: ticket.view === 'staff' ? status.label : (status.requester_label ?? status.key),
    allowed: missing_fields.length === 0,
    missing_fields: [...missing_fields],
  }))
}

function valuesOf({ fields, definitions }: ShownTicket, shown: 'in_use' | 'readable') {
  return fields === '{}' ? {} : shownValues(fromJson<FieldValues>(fields), definitions[shown])
}
