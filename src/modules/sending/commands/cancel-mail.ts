import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { MailOver, MailSent, MailUnderway } from '../problems.ts'
import { getVisibleMail } from '../queries.ts'
import type { OutboundMailRow } from '../tables.ts'

const BY_REQUEST = 'by_request'

/** Calls a mail back that has not left. Twice is the same as once. */
export async function cancelMail(tx: Tx, actor: Actor, { mail_id }: { mail_id: string }): Promise<OutboundMailRow> {
  await getVisibleMail(tx.db, actor, mail_id)
  const held = tx.db.selectFrom('outbound_mails').selectAll().where('id', '=', mail_id)
  const mail = await forUpdate(tx.db, held).executeTakeFirstOrThrow()
  if (mail.state === 'cancelled') return mail
  if (mail.state === 'sent') throw MailSent()
  if (mail.state === 'sending') throw MailUnderway()
  if (mail.state !== 'queued' && mail.state !== 'deferred') throw MailOver()
  const changes = { state: 'cancelled' as const, reason: BY_REQUEST, updated_at: tx.now, version: mail.version + 1 }
  await tx.db.updateTable('outbound_mails').set(changes).where('id', '=', mail_id).execute()
  return { ...mail, ...changes }
}

/** What `beckon outbound cancel` does. Answers how many. */
export async function cancelMailsById(db: Reader, { ids, now }: { ids: readonly string[]; now: number }): Promise<number> {
  if (ids.length === 0) return 0
  const { numUpdatedRows } = await db
    .updateTable('outbound_mails')
    .set((eb) => ({ state: 'cancelled' as const, reason: BY_REQUEST, updated_at: now, version: eb('version', '+', 1) }))
    .where('id', 'in', ids)
    .where('state', 'in', ['queued', 'deferred'])
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
