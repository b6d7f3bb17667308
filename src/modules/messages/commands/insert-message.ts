import type { Actor } from '../../../platform/actor.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import type { News } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { nameAttachments } from '../../attachments/index.ts'
import { type NewMessage, newMessageNews, newMessageRow, signed } from '../message.ts'
import type { SignedMessage } from '../present.ts'
import { indexMessage } from './index-message.ts'

/** Writes a message into a ticket whose row is locked, and answers what is to be announced with the change of the ticket. */
export async function insertMessage(
  tx: Tx,
  actor: Actor,
  given: NewMessage,
): Promise<{ message: SignedMessage; announce: News[] }> {
  const row = newMessageRow(tx, actor, given)
  await insertRow(tx.db, 'messages', row)
  await indexMessage(tx, row)
  const { attachment_ids = [] } = given
  const attachments = await nameAttachments(tx, actor, { message_id: row.id, attachment_ids })
  return { message: signed(row, actor, attachments), announce: [newMessageNews(row)] }
}
