import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { MailSent, MailUnderway } from '../problems.ts'
import { getVisibleMail } from '../queries.ts'
import type { OutboundMailRow } from '../tables.ts'

/** Lets a mail be tried now, as if it had not been tried yet. */
export async function retryMail(tx: Tx, actor: Actor, { mail_id }: { mail_id: string }): Promise<OutboundMailRow> {
  await getVisibleMail(tx.db, actor, mail_id)
  const held = tx.db.selectFrom('outbound_mails').selectAll().where('id', '=', mail_id)
  const mail = await forUpdate(tx.db, held).executeTakeFirstOrThrow()
  if (mail.state === 'sent') throw MailSent()
  if (mail.state === 'sending') throw MailUnderway()
  const changes = { ...anew(tx.now), version: mail.version + 1 }
  await tx.db.updateTable('outbound_mails').set(changes).where('id', '=', mail_id).execute()
  return { ...mail, ...changes }
}

/** What `beckon outbound retry` does: these mails, or all that failed or bounced. Answers how many. */
export async function retryMails(db: Reader, { ids, now }: { ids: string[] | 'all failed'; now: number }): Promise<number> {
  if (Array.isArray(ids) && ids.length === 0) return 0
  const { numUpdatedRows } = await db
    .updateTable('outbound_mails')
    .set((eb) => ({ ...anew(now), version: eb('version', '+', 1) }))
    .where(
      'state',
      'in',
      ids === 'all failed' ? ['failed', 'bounced'] : ['queued', 'deferred', 'bounced', 'failed', 'suppressed', 'cancelled'],
    )
    .$if(ids !== 'all failed', (query) => query.where('id', 'in', ids as string[]))
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

function anew(now: number) {
  return { state: 'queued' as const, reason: null, attempts: 0, due_at: now, lease_token: null, updated_at: now }
}
