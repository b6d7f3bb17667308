import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getSettings } from '../../desk/index.ts'
import {
  editText,
  getMessage,
  messageEdited,
  messageNews,
  messageRetracted,
  retractText,
  type SignedMessage,
  type Text,
} from '../../messages/index.ts'
import {
  changeTicket,
  findConversation,
  getVisibleTicket,
  type SeenTicket,
  TicketClosed,
  type TicketReference,
} from '../../tickets/index.ts'
import { isAuthor } from '../policy.ts'
import { EditWindowOver, MessageRetracted } from '../problems.ts'

interface Which {
  ticket: TicketReference
  message: string
  if_match?: readonly string[] | undefined
}

/** An author changes his message within the edit window; what it said stays for staff. */
export async function editMessage(tx: Tx, actor: Actor, { text, ...which }: Which & { text: Text }): Promise<SignedMessage> {
  const { ticket, message } = await changeable(tx, actor, which)
  if (message.body === text.body) return message
  const changed = await editText(tx, actor, { message, text })
  await changeTicket(tx, actor, ticket, { set: {}, announce: [messageNews(messageEdited, changed)] })
  return changed
}

/** An author takes his message back within the edit window: it stays as an empty place, its text for staff. */
export async function retractMessage(tx: Tx, actor: Actor, which: Which): Promise<SignedMessage> {
  const { ticket, message } = await changeable(tx, actor, which)
  const changed = await retractText(tx, actor, message)
  await changeTicket(tx, actor, ticket, { set: {}, announce: [messageNews(messageRetracted, changed)] })
  return changed
}

async function changeable(
  tx: Tx,
  actor: Actor,
  { ticket: reference, message: id, if_match }: Which,
): Promise<{ ticket: SeenTicket; message: SignedMessage }> {
  const named = await getVisibleTicket(tx.db, actor, reference, 'for update')
  const ticket = (await findConversation(tx.db, actor, named, 'for update')) ?? named
  const message = await getMessage(tx.db, ticket, id)
  if (!isAuthor(actor, message)) throw Forbidden()
  requireMatch(if_match, `v${message.version}`, message.version)
  if (message.retracted_at !== null) throw MessageRetracted()
  if (ticket.status_category === 'closed' && message.visibility === 'public') throw TicketClosed({ members: { allowed: [] } })
  const { message_edit_seconds } = await getSettings(tx.db)
  if (tx.now - message.created_at > message_edit_seconds * 1000) throw EditWindowOver()
  return { ticket, message }
}
