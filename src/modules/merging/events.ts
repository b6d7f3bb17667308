import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

const id = Type.String()
const into = strict({ into_ticket_id: id, merge_id: id })
const from = strict({ from_ticket_id: id, merge_id: id })

/** A ticket went into another one: all its messages are there now, and it is closed. */
export const ticketMerged = defineEvent('ticket.merged', into)

/** A ticket took in another one with all that was written in it. Public where something of that is. */
export const ticketAbsorbed = defineEvent('ticket.absorbed', from)

/** A merge was undone: the ticket has again what came from it and is still there, and what was written to it since. */
export const ticketUnmerged = defineEvent('ticket.unmerged', into)

/** A ticket gave back what a merge had brought it. Public where something of that is. */
export const ticketParted = defineEvent('ticket.parted', from)

/**
 * Messages went from a ticket to a new one. Each side is told of those that it sees, and of nothing where there are none.
 */
export const ticketSplit = defineEvent('ticket.split', strict({ into_ticket_id: id, message_ids: Type.Array(id) }))

/** The other end of `ticket.split`: the messages with which a new ticket begins. */
export const ticketSplitOff = defineEvent('ticket.split_off', strict({ from_ticket_id: id, message_ids: Type.Array(id) }))
