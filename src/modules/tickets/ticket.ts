import { type AssignmentOrder, foldTag, type Priority, priorities } from '../desk/index.ts'
import type { View } from '../messages/index.ts'
import { automaticStep, type Lifecycle, publicStatus, type StatusCategory, type StatusDefinition } from '../workflow/index.ts'
import type { TicketRow } from './tables.ts'

export { foldTag, type Priority, priorities, type View }

/** How many tags a ticket has at most. */
export const TAGS_MAX = 50

/** Priorities are kept as 1 to 4, so that they sort by urgency. */
export function priorityRank(priority: Priority): number {
  return priorities.indexOf(priority) + 1
}

export function toPriority(rank: number): Priority {
  return priorities[rank - 1] ?? 'normal'
}

/** What requesters see as the status. */
export function shownStatus({ status, public_status }: Pick<TicketRow, 'status' | 'public_status'>): string {
  return public_status ?? status
}

type Stamps = Pick<TicketRow, 'status' | 'status_category' | 'public_status' | 'solved_at' | 'closed_at' | 'pending_until'>

/** What changes in a ticket that enters a status. Closing goes by way of solved, so it has both times. */
export function enterStatus(status: StatusDefinition, ticket: Pick<TicketRow, 'solved_at' | 'closed_at'>, now: number): Stamps {
  const { key, category } = status
  const shown = publicStatus(status)
  const isDone = category === 'solved' || category === 'closed'
  return {
    status: key,
    status_category: category,
    public_status: shown === key ? null : shown,
    pending_until: null,
    solved_at: isDone ? (ticket.solved_at ?? now) : null,
    closed_at: category === 'closed' ? (ticket.closed_at ?? now) : null,
  }
}

/** Whether a ticket in this category sleeps: it may have a time at which it comes back. */
export function isAsleep(category: StatusCategory): boolean {
  return category === 'pending' || category === 'on_hold'
}

/** The status after a message from the public side, where it changes: it wakes what waits for the requester or was thought solved. */
export function statusAfterRequesterReply(ticket: InLifecycle): StatusDefinition | undefined {
  const { status_category: category } = ticket
  return category === 'pending' || category === 'solved' ? automaticStep(ticket.lifecycle, ticket.status, 'open') : undefined
}

/** The status after staff took a ticket in hand, by an answer or by taking it, where it changes. */
export function statusAfterStaffAct(ticket: InLifecycle): StatusDefinition | undefined {
  return ticket.status_category === 'new' ? automaticStep(ticket.lifecycle, ticket.status, 'open') : undefined
}

type InLifecycle = Pick<TicketRow, 'status' | 'status_category'> & { lifecycle: Lifecycle }

/** Whether a ticket is work at hand, for whoever has it. */
export function isLoad(ticket: Pick<TicketRow, 'status_category' | 'deleted_at'>): boolean {
  return ticket.deleted_at === null && (ticket.status_category === 'new' || ticket.status_category === 'open')
}

/** Whether somebody may take the ticket: it stands in the line of its queue. */
export function waits(ticket: Pick<TicketRow, 'assignee_id' | 'status_category' | 'deleted_at'>): boolean {
  return ticket.assignee_id === null && isLoad(ticket)
}

/** A time that may be given to tickets lies before this. */
export const LATEST = Date.UTC(2200, 0, 1)

/** Later than every due time: a ticket without one stands behind those that have one. */
export const NEVER_DUE = 2 ** 43

/** The place of a waiting ticket in the line of its queue, the lowest first; among equals the older goes first. */
export function rankInLine(ticket: Pick<TicketRow, 'priority' | 'due_at'>, order: AssignmentOrder): number {
  const byPriority = priorities.length - ticket.priority
  switch (order) {
    case 'age':
      return 0
    case 'priority':
      return byPriority
    case 'due':
      return (ticket.due_at === null ? 0 : ticket.due_at - NEVER_DUE) * 4 + byPriority
  }
}

/** The entity tag of a ticket as a side sees it: `p7` or `i9`. */
export function ticketEtag(ticket: Pick<TicketRow, 'version' | 'public_version'>, view: View): string {
  return view === 'staff' ? `i${ticket.version}` : `p${ticket.public_version}`
}
