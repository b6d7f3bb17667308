import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { insertMessage, type MessageMail, type SignedMessage, type Text } from '../../messages/index.ts'
import type { StatusDefinition } from '../../workflow/index.ts'
import { changeTicket } from '../change.ts'
import { isOwner } from '../policy.ts'
import type { SeenTicket } from '../present.ts'
import { changeStatus } from '../status.ts'
import type { TicketRow } from '../tables.ts'
import { statusAfterRequesterReply, statusAfterStaffAct } from '../ticket.ts'

/** Adds a message to a ticket whose row is locked and which takes it. */
export async function addMessage(
  tx: Tx,
  actor: Actor,
  given: {
    ticket: SeenTicket
    text: Text
    visibility: 'public' | 'internal'
    client_id?: string | undefined
    attachment_ids?: readonly string[] | undefined
    addressed_ticket_id: string
    mail?: MessageMail | undefined
    /** False for a last word with which the ticket closes anyway. */
    wakes?: boolean
  },
): Promise<{ message: SignedMessage; ticket: SeenTicket }> {
  const { ticket, visibility } = given
  const isRequesterSide = ticket.view === 'requester' || isOwner(actor, ticket)
  const { message, announce } = await insertMessage(tx, actor, { ...given, number: ticket.last_seq + 1 })
  const set: Partial<TicketRow> = { message_count: ticket.message_count + 1, last_message_at: tx.now }
  if (visibility === 'public') {
    set.public_message_count = ticket.public_message_count + 1
    set.public_last_message_at = tx.now
    if (!isRequesterSide && ticket.first_response_at === null) set.first_response_at = tx.now
    const status = given.wakes === false ? undefined : statusAfter(ticket, isRequesterSide)
    if (status) {
      const change = changeStatus(ticket, status, tx.now)
      Object.assign(set, change.set)
      announce.push(...change.announce)
    }
  }
  const changed = await changeTicket(tx, actor, ticket, { set, announce })
  return { message, ticket: changed }
}

function statusAfter(ticket: SeenTicket, isRequesterSide: boolean): StatusDefinition | undefined {
  return isRequesterSide ? statusAfterRequesterReply(ticket) : statusAfterStaffAct(ticket)
}
