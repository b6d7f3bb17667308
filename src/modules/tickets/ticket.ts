import type { AssignmentOrder } from '../desk/index.ts'
import type { StatusCategory, TicketRow } from './tables.ts'

/** On which side of a ticket somebody stands: staff sees notes and everything internal, a requester only the public side. */
export type View = 'staff' | 'requester'

export const priorities = ['low', 'normal', 'high', 'urgent'] as const
export type Priority = (typeof priorities)[number]

/** Priorities are kept as 1 to 4, so that they sort by urgency. */
export function priorityRank(priority: Priority): number {
  return priorities.indexOf(priority) + 1
}

export function toPriority(rank: number): Priority {
  return priorities[rank - 1] ?? 'normal'
}

export const statusCategories = ['new', 'open', 'pending', 'on_hold', 'solved', 'closed'] as const

/** A status of the default lifecycle; its keys are the categories' names. */
export type Status = StatusCategory

export function isStatus(key: string): key is Status {
  return statusCategories.some((known) => known === key)
}

// The default lifecycle. By hand a ticket closes from anywhere, by way of solved.
const staffTransitions: Record<Status, readonly Status[]> = {
  new: ['open', 'pending', 'on_hold', 'solved', 'closed'],
  open: ['pending', 'on_hold', 'solved', 'closed'],
  pending: ['open', 'on_hold', 'solved', 'closed'],
  on_hold: ['open', 'pending', 'solved', 'closed'],
  solved: ['open', 'closed'],
  closed: [],
}

const ownerTransitions: Record<Status, readonly Status[]> = {
  new: ['closed'],
  open: ['closed'],
  pending: ['closed'],
  on_hold: ['closed'],
  solved: ['open', 'closed'],
  closed: [],
}

/** Where a ticket may go from here: by the hand of staff, or of the one who raised it. */
export function allowedTransitions(from: StatusCategory, by: 'staff' | 'owner' | 'nobody'): readonly Status[] {
  switch (by) {
    case 'staff':
      return staffTransitions[from]
    case 'owner':
      return ownerTransitions[from]
    case 'nobody':
      return []
  }
}

type Stamps = Pick<TicketRow, 'status' | 'status_category' | 'solved_at' | 'closed_at' | 'pending_until'>

/** What changes in a ticket that enters a status. Closing goes by way of solved, so it has both times. */
export function enterStatus(status: Status, ticket: Pick<TicketRow, 'solved_at'>, now: number): Stamps {
  return {
    status,
    status_category: status,
    pending_until: null,
    solved_at: status === 'solved' ? now : status === 'closed' ? (ticket.solved_at ?? now) : null,
    closed_at: status === 'closed' ? now : null,
  }
}

/** The status after a message from the public side: it wakes what waits for the requester or was thought solved. */
export function statusAfterRequesterReply(from: StatusCategory): Status {
  return from === 'pending' || from === 'solved' ? 'open' : from
}

/** The status after staff took a ticket in hand, by an answer or by taking it. */
export function statusAfterStaffAct(from: StatusCategory): Status {
  return from === 'new' ? 'open' : from
}

/** Whether a ticket is work at hand, for whoever has it. */
export function isLoad(ticket: Pick<TicketRow, 'status_category' | 'deleted_at'>): boolean {
  return ticket.deleted_at === null && (ticket.status_category === 'new' || ticket.status_category === 'open')
}

/** Whether somebody may take the ticket: it stands in the line of its queue. */
export function waits(ticket: Pick<TicketRow, 'assignee_id' | 'status_category' | 'deleted_at'>): boolean {
  return ticket.assignee_id === null && isLoad(ticket)
}

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

/** A tag as it is kept: trimmed, composed, in lower case. */
export function foldTag(tag: string): string {
  return tag.normalize('NFC').trim().toLowerCase()
}
