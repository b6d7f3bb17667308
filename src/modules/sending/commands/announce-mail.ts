import { systemActor } from '../../../platform/actor.ts'
import { type EventDefinition, news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changeTicket, lockTicket } from '../../tickets/index.ts'
import type { OutboundMailRow } from '../tables.ts'

/** Says what happened to a mail, in its ticket if there is one: for staff only. Who gets mail is nobody else's business. */
export async function announceMail(
  tx: Tx,
  mail: OutboundMailRow,
  { event, data }: { event: EventDefinition; data: Record<string, unknown> },
): Promise<void> {
  const { kind, message_id, user_id, smtp_code, enhanced_code } = mail
  const subject = { type: 'outbound_mail', id: mail.id, version: mail.version }
  const facts = { kind, message_id, user_id, smtp_code, enhanced_code, ...data }
  const ticket = mail.ticket_id === null ? undefined : await lockTicket(tx, mail.ticket_id)
  if (!ticket) return tx.announce(event, { actor: systemActor, subject, visibility: 'internal', data: facts })
  await changeTicket(tx, systemActor, ticket, {
    set: {},
    announce: [news(event, { visibility: 'internal', data: facts, subject })],
  })
}
