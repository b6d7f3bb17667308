import { type News, news } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { messageMadeInternal, messageWithdrawn } from '../events.ts'
import { messageNews } from '../message.ts'
import type { SignedMessage } from '../present.ts'
import { indexMessage } from './index-message.ts'

/**
 * Makes a public message internal, and answers what is to be announced with the change of its ticket, whose row is locked: to the
 * public side only that it is gone.
 */
export async function withdrawMessage(tx: Tx, message: SignedMessage): Promise<{ message: SignedMessage; announce: News[] }> {
  const written = { visibility: 'internal' as const, version: message.version + 1, updated_at: tx.now }
  await tx.db.updateTable('messages').set(written).where('id', '=', message.id).execute()
  const changed = { ...message, ...written }
  if (message.retracted_at === null) await indexMessage(tx, changed, true)
  const { id, version } = changed
  const withdrawn = news(messageWithdrawn, {
    visibility: 'public',
    data: { message_id: id },
    subject: { type: 'message', id, version },
  })
  return { message: changed, announce: [withdrawn, messageNews(messageMadeInternal, changed)] }
}
