import { indexDocument } from '../../../platform/database/search.ts'
import { type News, news } from '../../../platform/events.ts'
import { REDACTED, redacted } from '../../../platform/redaction.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { ticketUpdated } from '../events.ts'
import type { TicketRow } from '../tables.ts'

const SUBJECT_MAX = 300

/**
 * Takes a passage out of the subject of a ticket whose row is locked, and out of what search knows of it. Answers what is to be
 * written and announced with the change of the ticket: nothing where the subject does not hold it.
 */
export async function redactSubject(
  tx: Tx,
  ticket: Pick<TicketRow, 'id' | 'subject'>,
  passage: string,
): Promise<{ set: Partial<TicketRow>; announce: News[] }> {
  const without = redacted(ticket.subject, passage)
  if (without === ticket.subject) return { set: {}, announce: [] }
  const subject = without.length > SUBJECT_MAX ? REDACTED : without
  await indexDocument(tx.db, 'ticket_search', {
    id: ticket.id,
    owner_id: ticket.id,
    visibility: 'public',
    text: subject,
    replaces: true,
  })
  return { set: { subject }, announce: [news(ticketUpdated, { visibility: 'public', data: { changed: ['subject'] } })] }
}
