import { Type } from 'typebox'
import { defineEvent, type EventDefinition } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'
import { NAMED_MAX } from './merge.ts'

const id = Type.String()
const into = strict({ into_ticket_id: id, merge_id: id })
const from = strict({
  from_ticket_id: id,
  merge_id: id,
  message_ids: Type.Array(id, { maxItems: NAMED_MAX, description: 'The first hundred that this side sees, in their order.' }),
  message_count: Type.Integer({
    description: 'How many this side sees; where they are more than are named, read the conversation.',
  }),
})

/** A ticket went into another one: all its messages are there now, and it is closed. */
export const ticketMerged = defineEvent('ticket.merged', into)

/**
 * A ticket took in another one with all that was written in it. Each side is told of the messages that it sees; where there are none,
 * staff is told.
 */
export const ticketAbsorbed = defineEvent('ticket.absorbed', from)

/** A merge was undone: the ticket has again what came from it and is still there, and what was written to it since. */
export const ticketUnmerged = defineEvent('ticket.unmerged', into)

/** A ticket gave back what a merge had brought it. Told as `ticket.absorbed`. */
export const ticketParted = defineEvent('ticket.parted', from)

/**
 * Messages went from a ticket to a new one. Each side is told of those that it sees, and of nothing where there are none.
 */
export const ticketSplit = defineEvent('ticket.split', strict({ into_ticket_id: id, message_ids: Type.Array(id) }))

/** The other end of `ticket.split`: the messages with which a new ticket begins. */
export const ticketSplitOff = defineEvent('ticket.split_off', strict({ from_ticket_id: id, message_ids: Type.Array(id) }))

/** All news of messages that went from one ticket to another: nobody wrote anything. */
export const movingNews: readonly EventDefinition[] = [
  ticketMerged,
  ticketAbsorbed,
  ticketUnmerged,
  ticketParted,
  ticketSplit,
  ticketSplitOff,
]
