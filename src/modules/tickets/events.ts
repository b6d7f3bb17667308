import { type Static, Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'

const id = Type.String()
const routedAction = Type.Enum(['queue_id', 'priority', 'add_tags', 'assignee_id'], { type: 'string' })

/** Somebody raised a ticket. */
export const ticketCreated = defineEvent(
  'ticket.created',
  strict({ number: Type.Integer(), requester_id: id, queue_id: id, status: id, priority: id, follow_up_of_id: nullable(id) }),
)

/**
 * Something of a ticket changed; `changed` names the keys, `fields` those of custom fields, the other facts are the new values that
 * route.
 */
export const ticketUpdated = defineEvent(
  'ticket.updated',
  strict({
    changed: Type.Array(Type.String()),
    priority: Type.Optional(id),
    queue_id: Type.Optional(id),
    category_id: Type.Optional(nullable(id)),
    requester_id: Type.Optional(id),
    organization_id: Type.Optional(nullable(id)),
    fields: Type.Optional(Type.Array(Type.String())),
  }),
)

/** A ticket went to another status. */
export const ticketStatusChanged = defineEvent('ticket.status_changed', strict({ status: id, status_category: id }))

/** The time at which a snoozed ticket was to come back is here; `status` is where it stands now. */
export const ticketWoken = defineEvent('ticket.woken', strict({ status: id }))
const assignmentReasons = [
  ...(['claimed', 'claimed_next', 'released', 'assigned'] as const),
  ...(['auto', 'claim_expired', 'handed_over', 'away'] as const),
] as const
export type AssignmentReason = (typeof assignmentReasons)[number]

/** Why this agent, where Beckon chose him: the queue's mode, whom it could choose among, and who could not be. At most 20 each. */
const why = {
  policy: Type.Optional(id),
  candidates: Type.Optional(Type.Array(id)),
  candidate_count: Type.Optional(Type.Integer()),
  passed_over: Type.Optional(Type.Array(strict({ agent_id: id, reasons: Type.Array(id) }))),
  passed_over_count: Type.Optional(Type.Integer()),
}
const Why = strict(why)
export type AssignmentWhy = Static<typeof Why>

/** A ticket got another assignee, or none; `reason` says how. */
export const ticketAssigned = defineEvent(
  'ticket.assigned',
  strict({
    assignee_id: nullable(id),
    reason: Type.Enum([...assignmentReasons], { type: 'string' }),
    ...why,
  }),
)

/** A ticket got tags. */
export const ticketTagged = defineEvent('ticket.tagged', strict({ tags: Type.Array(Type.String()) }))

/** A ticket lost tags. */
export const ticketUntagged = defineEvent('ticket.untagged', strict({ tags: Type.Array(Type.String()) }))

/** A rule of routing matched a ticket: what of its actions was done, and what was not and why. */
export const ticketRouted = defineEvent(
  'ticket.routed',
  strict({
    rule_id: id,
    applied: Type.Array(routedAction),
    skipped: Type.Array(strict({ action: routedAction, reason: Type.String() })),
  }),
)

/** Somebody takes part in a ticket: as cc, or as an agent who follows it. */
export const participantAdded = defineEvent(
  'ticket.participant_added',
  strict({ user_id: id, role: Type.Enum(['cc', 'follower'], { type: 'string' }) }),
)

/** Somebody takes part in a ticket no longer. */
export const participantRemoved = defineEvent(
  'ticket.participant_removed',
  strict({ user_id: id, role: Type.Enum(['cc', 'follower'], { type: 'string' }) }),
)

/** A ticket was deleted with everything in it. */
export const ticketDeleted = defineEvent('ticket.deleted', strict({ number: Type.Integer() }))
