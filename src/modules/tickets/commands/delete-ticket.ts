import type { Actor } from '../../../platform/actor.ts'
import { removeDocuments } from '../../../platform/database/search.ts'
import { news } from '../../../platform/events.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { emptyAnswers, forgetAnswers } from '../../../platform/kept-answers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { conversationSources, outlineOf, removeMessages } from '../../messages/index.ts'
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
  await emptyAnswersElsewhere(tx, ticket.id)
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

/** What was written to another ticket, and came into this one by a merge or a split, is not given again under that one's name either. */
async function emptyAnswersElsewhere(tx: Tx, ticket_id: string): Promise<void> {
  const subject_ids = (await conversationSources(tx.db, ticket_id)).filter((id) => id !== ticket_id)
  if (subject_ids.length === 0) return
  const gone = new Set((await outlineOf(tx.db, ticket_id, Number.MAX_SAFE_INTEGER)).map(({ id }) => id))
  await emptyAnswers(tx.db, { subject_ids, shows: (body) => (body.match(/msg_[0-9a-z]+/g) ?? []).some((id) => gone.has(id)) })
}
