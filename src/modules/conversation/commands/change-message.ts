import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
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
import { changeTicket, getConversation, type SeenTicket, type TicketReference } from '../../tickets/index.ts'
import { isAuthor } from '../policy.ts'
import { heedMentions } from './heed-mentions.ts'
import { lockMentioned } from './link-mentioned.ts'
import { makeInternal } from './make-internal.ts'
import { requireChangeable } from './require-changeable.ts'

interface Which {
  ticket: TicketReference
  message: string
  if_match?: readonly string[] | undefined
}

/** Changes what a message says, or takes it from the public side: what is taken away from there is told there by that alone. */
export async function changeMessage(
  tx: Tx,
  actor: Actor,
  { text, visibility, ...which }: Which & { text?: Text | undefined; visibility?: 'internal' | undefined },
): Promise<SignedMessage> {
  const withdrawn = visibility === undefined ? undefined : await makeInternal(tx, actor, which)
  if (!text) return withdrawn ?? (await changeable(tx, actor, which)).message
  return editMessage(tx, actor, { ...which, text, if_match: withdrawn ? undefined : which.if_match })
}

/** An author changes his message within the edit window; what it said stays for staff. */
async function editMessage(tx: Tx, actor: Actor, { text, ...which }: Which & { text: Text }): Promise<SignedMessage> {
  await lockMentioned(tx, actor, { ticket: which.ticket, body: text.body })
  const { ticket, message } = await changeable(tx, actor, which)
  if (message.body === text.body) return message
  const changed = await editText(tx, actor, { message, text })
  const after = await changeTicket(tx, actor, ticket, { set: {}, announce: [messageNews(messageEdited, changed)] })
  await heedMentions(tx, actor, { ticket: after, message: changed, before: message.body })
  return changed
}

/** An author takes his message back within the edit window: it stays as an empty place, its text for staff. */
export async function retractMessage(tx: Tx, actor: Actor, which: Which): Promise<SignedMessage> {
  const { ticket, message } = await changeable(tx, actor, which)
  const changed = await retractText(tx, actor, message)
  await changeTicket(tx, actor, ticket, { set: {}, announce: [messageNews(messageRetracted, changed)] })
  return ticket.view === 'staff' ? changed : { ...changed, attachments: [] }
}

async function changeable(
  tx: Tx,
  actor: Actor,
  { ticket: reference, message: id, if_match }: Which,
): Promise<{ ticket: SeenTicket; message: SignedMessage }> {
  const ticket = await getConversation(tx.db, actor, reference, 'for update')
  const message = await getMessage(tx.db, ticket, id)
  if (!isAuthor(actor, message)) throw Forbidden({ detail: 'Only its author changes a message, or takes it back.' })
  requireMatch(if_match, `v${message.version}`, message.version)
  await requireChangeable(tx, ticket, message)
  return { ticket, message }
}
