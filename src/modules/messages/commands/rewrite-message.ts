import type { Actor } from '../../../platform/actor.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { removeDocuments } from '../../../platform/database/search.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { SignedMessage } from '../present.ts'
import type { MessageRow } from '../tables.ts'
import type { Text } from '../text.ts'
import { indexMessage } from './index-message.ts'

/** Gives a message another text, and keeps the one that it had. Its ticket's row is locked. */
export async function editText(
  tx: Tx,
  actor: Actor,
  { message, text }: { message: SignedMessage; text: Text },
): Promise<SignedMessage> {
  const changed = await rewrite(tx, actor, { message, set: { ...text, edited_at: tx.now } })
  await indexMessage(tx, changed, true)
  return changed
}

/** Empties a message, and keeps the text that it had. Its ticket's row is locked. */
export async function retractText(tx: Tx, actor: Actor, message: SignedMessage): Promise<SignedMessage> {
  const changed = await rewrite(tx, actor, { message, set: { body: '', body_html: '', retracted_at: tx.now } })
  await removeDocuments(tx.db, 'ticket_search', { column: 'document_id', value: message.id })
  return changed
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
