import type { Actor } from '../../../platform/actor.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { removeDocuments } from '../../../platform/database/search.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { newId } from '../../../platform/ids.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getSettings } from '../../desk/index.ts'
import { changeTicket } from '../change.ts'
import { messageEdited, messageRetracted } from '../events.ts'
import { indexMessage, messageNews } from '../message.ts'
import { isAuthor } from '../policy.ts'
import type { SeenTicket, SignedMessage } from '../present.ts'
import { EditWindowOver, MessageRetracted, TicketClosed } from '../problems.ts'
import { getVisibleMessage, getVisibleTicket, type TicketReference } from '../queries.ts'
import type { MessageRow } from '../tables.ts'
import type { Text } from '../text.ts'

interface Which {
  ticket: TicketReference
  message: string
  if_match?: readonly string[] | undefined
}

/** An author changes his message within the edit window; what it said stays for staff. */
export async function editMessage(tx: Tx, actor: Actor, { text, ...which }: Which & { text: Text }): Promise<SignedMessage> {
  const { ticket, message } = await changeable(tx, actor, which)
  if (message.body === text.body) return message
  const changed = await rewrite(tx, actor, { message, set: { ...text, edited_at: tx.now } })
  await indexMessage(tx, changed, true)
  await changeTicket(tx, actor, ticket, { set: {}, announce: [messageNews(messageEdited, changed)] })
  return changed
}

/** An author takes his message back within the edit window: it stays as an empty place, its text for staff. */
export async function retractMessage(tx: Tx, actor: Actor, which: Which): Promise<SignedMessage> {
  const { ticket, message } = await changeable(tx, actor, which)
  const changed = await rewrite(tx, actor, { message, set: { body: '', body_html: '', retracted_at: tx.now } })
  await removeDocuments(tx.db, 'ticket_search', { column: 'document_id', value: message.id })
  await changeTicket(tx, actor, ticket, { set: {}, announce: [messageNews(messageRetracted, changed)] })
  return changed
}

async function changeable(
  tx: Tx,
  actor: Actor,
  { ticket: reference, message: id, if_match }: Which,
): Promise<{ ticket: SeenTicket; message: SignedMessage }> {
  const ticket = await getVisibleTicket(tx.db, actor, reference, 'for update')
  const message = await getVisibleMessage(tx.db, ticket, id)
  if (!isAuthor(actor, message)) throw Forbidden()
  requireMatch(if_match, `v${message.version}`, message.version)
  if (message.retracted_at !== null) throw MessageRetracted()
  if (ticket.status_category === 'closed' && message.visibility === 'public') throw TicketClosed({ members: { allowed: [] } })
  const { message_edit_seconds } = await getSettings(tx.db)
  if (tx.now - message.created_at > message_edit_seconds * 1000) throw EditWindowOver()
  return { ticket, message }
}

async function rewrite(
  tx: Tx,
  actor: Actor,
  { message, set }: { message: SignedMessage; set: Partial<MessageRow> },
): Promise<SignedMessage> {
  const written = { ...set, version: message.version + 1, updated_at: tx.now }
  await insertRow(tx.db, 'message_revisions', {
    id: newId('rev'),
    message_id: message.id,
    version: message.version,
    body: message.body,
    replaced_by_type: actor.type,
    replaced_by_id: actor.id,
    replaced_at: tx.now,
  })
  await tx.db.updateTable('messages').set(written).where('id', '=', message.id).execute()
  return { ...message, ...written }
}
