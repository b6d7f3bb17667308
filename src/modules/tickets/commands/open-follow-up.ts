import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { isUsableTicketType } from '../../fields/index.ts'
import type { MessageMail, SignedMessage, Text } from '../../messages/index.ts'
import { defaultValues } from '../field-values.ts'
import type { SeenTicket } from '../present.ts'
import { defaultQueue, isUsableCategory, usableQueue } from '../references.ts'
import { insertTicket } from './insert-ticket.ts'

/** Continues a closed ticket, for the one who raised it: a new ticket that points back, in the same queue. */
export async function openFollowUp(
  tx: Tx,
  actor: Actor,
  {
    closed,
    ...posted
  }: {
    closed: SeenTicket
    text: Text
    client_id?: string | undefined
    attachment_ids?: readonly string[] | undefined
    mail?: MessageMail | undefined
  },
): Promise<{ ticket: SeenTicket; message: SignedMessage }> {
  const { subject, category_id, priority } = closed
  // What was archived in the meantime takes no new tickets.
  const queue = (await usableQueue(tx, closed.queue_id)) ?? (await defaultQueue(tx))
  const type_id = closed.type_id !== null && (await isUsableTicketType(tx, closed.type_id)) ? closed.type_id : null
  return insertTicket(tx, actor, {
    subject,
    text: posted.text,
    queue,
    category_id: category_id !== null && (await isUsableCategory(tx, category_id)) ? category_id : null,
    priority,
    requester_id: actor.id,
    // Of today: he may have left the organization that the closed ticket belongs to.
    organization_id: actor.organization_id,
    due_at: null,
    tags: [],
    cc: [],
    channel: posted.mail ? 'mail' : 'api',
    // It goes on where the closed one was: no rule moves it.
    assignee_id: null,
    routed: [],
    external_id: null,
    metadata: {},
    type_id,
    fields: await defaultValues(tx, type_id),
    follow_up_of_id: closed.id,
    client_id: posted.client_id,
    attachment_ids: posted.attachment_ids,
    mail: posted.mail,
    addressed_ticket_id: closed.id,
  })
}
