import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { emptyAnswers } from '../../../platform/kept-answers.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import {
  conversationSources,
  getMessage,
  lastPublicMessageAt,
  type SignedMessage,
  withdrawMessage,
} from '../../messages/index.ts'
import { changeTicket, getConversation, type TicketReference } from '../../tickets/index.ts'
import { canMakeInternal } from '../policy.ts'
import { requireChangeable } from './require-changeable.ts'

/**
 * Takes a public message from the public side: its author within the edit window, if he works on the ticket, or an admin at any time.
 * There is no way back.
 */
export async function makeInternal(
  tx: Tx,
  actor: Actor,
  {
    ticket: reference,
    message: id,
    if_match,
  }: { ticket: TicketReference; message: string; if_match?: readonly string[] | undefined },
): Promise<SignedMessage> {
  const ticket = await getConversation(tx.db, actor, reference, 'for update')
  const message = await getMessage(tx.db, ticket, id)
  if (!canMakeInternal(actor, ticket, message))
    throw Forbidden({ detail: 'Its author makes a message internal where he works on the ticket, or an admin.' })
  requireMatch(if_match, `v${message.version}`, message.version)
  if (message.visibility === 'internal') return message
  if (actor.role !== 'admin') await requireChangeable(tx, ticket, message)

  const withdrawn = await withdrawMessage(tx, message)
  const subject_ids = await conversationSources(tx.db, ticket.id)
  await emptyAnswers(tx.db, { subject_ids, shows: (body) => body.includes(message.id) })
  await changeTicket(tx, actor, ticket, {
    set: {
      public_message_count: ticket.public_message_count - 1,
      public_last_message_at: await lastPublicMessageAt(tx.db, ticket.id),
    },
    announce: withdrawn.announce,
  })
  return withdrawn.message
}
