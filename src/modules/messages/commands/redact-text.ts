import { forUpdate } from '../../../platform/database/dialect.ts'
import { redacted } from '../../../platform/redaction.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { SignedMessage } from '../present.ts'
import type { Text } from '../text.ts'
import { indexMessage } from './index-message.ts'

/**
 * Takes a passage out of a message and out of all that it said before, and keeps none of it. `text` is the message without the
 * passage. Undefined where it never said so, and none of its attachments was called so. Its ticket's row is locked.
 */
export async function redactText(
  tx: Tx,
  { message, text, passage, isNamed }: { message: SignedMessage; text: Text; passage: string; isNamed: boolean },
): Promise<SignedMessage | undefined> {
  const count = await redactRevisions(tx, message.id, passage)
  const quoted = message.quoted === null ? null : redacted(message.quoted, passage)
  if (count === 0 && text.body === message.body && quoted === message.quoted && !isNamed) return undefined
  // As it is read where the body holds nothing of it: a mail's own HTML stays.
  const said = text.body === message.body ? {} : text
  const written = { ...said, quoted, redacted_at: tx.now, version: message.version + 1, updated_at: tx.now }
  await tx.db.updateTable('messages').set(written).where('id', '=', message.id).execute()
  const changed = { ...message, ...written }
  // What was retracted is not found by search anyway.
  if (message.retracted_at === null) await indexMessage(tx, changed, true)
  return changed
}

async function redactRevisions(tx: Tx, message_id: string, passage: string): Promise<number> {
  const all = tx.db.selectFrom('message_revisions').select(['id', 'body']).where('message_id', '=', message_id)
  let count = 0
  for (const { id, body: before } of await forUpdate(tx.db, all).execute()) {
    const body = redacted(before, passage)
    if (body === before) continue
    await tx.db.updateTable('message_revisions').set({ body }).where('id', '=', id).execute()
    count++
  }
  return count
}
