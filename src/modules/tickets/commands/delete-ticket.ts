import type { Actor } from '../../../platform/actor.ts'
import { removeDocuments } from '../../../platform/database/search.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { forgetAnswers } from '../../../platform/kept-answers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { removeMessages } from '../../messages/index.ts'
import { changeTicket } from '../change.ts'
import { ticketDeleted } from '../events.ts'
import { removeValues } from '../field-values.ts'
import { getVisibleTicket, type TicketReference } from '../queries.ts'
import { ticketEtag } from '../ticket.ts'

/** Deletes a ticket with everything that was written in it. An empty row stays, for its tombstone event. */
export async function deleteTicket(
  tx: Tx,
  actor: Actor,
  { ticket: reference, if_match }: { ticket: TicketReference; if_match?: readonly string[] | undefined },
): Promise<void> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  requireMatch(if_match, ticketEtag(ticket, ticket.view), ticket.version)
  await removeMessages(tx, ticket.id)
  await tx.db.deleteFrom('ticket_tags').where('ticket_id', '=', ticket.id).execute()
  await tx.db.deleteFrom('ticket_preferences').where('ticket_id', '=', ticket.id).execute()
  await removeValues(tx, ticket.id)
  await forgetAnswers(tx.db, ticket.id)
  await removeDocuments(tx.db, 'ticket_search', { column: 'owner_id', value: ticket.id })
  await changeTicket(tx, actor, ticket, {
    set: { subject: '', tags: '[]', external_id: null, metadata: '{}', fields: '{}', deleted_at: tx.now },
    announce: [news(ticketDeleted, { visibility: 'public', data: { number: ticket.number } })],
  })
}
