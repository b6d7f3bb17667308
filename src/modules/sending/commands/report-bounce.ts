import { createHash } from 'node:crypto'
import { foldEmail } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { toResponse } from '../../mail/index.ts'
import { lockTicket } from '../../tickets/index.ts'
import type { OutboundMailRow } from '../tables.ts'
import { announceBounce } from './finish-mail.ts'

/** What a delivery status notification says of a mail of ours (RFC 3464 §2.3). The caller has proven that it is about that mail. */
export interface Bounce {
  /** The Message-ID of the mail that bounced, with its brackets. */
  header_id?: string
  outbound_mail_id?: string
  /** The address that it could not be brought to, as the report names it; null where it names none. */
  recipient: string | null
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  /** RFC 3463, as in `5.1.1`; null where the report has none. */
  status: string | null
  diagnostic: string | null
}

/**
 * Marks the mail that a report is about. Answers its row's id, or undefined where there is no such mail. A report that names another
 * recipient, behind whom the mail was forwarded, bounces the mail and says nothing of the address that we know.
 */
export async function reportBounce(tx: Tx, bounce: Bounce): Promise<string | undefined> {
  const found = await findMail(tx, bounce)
  if (!found) return undefined
  // The ticket first, as everywhere: see announceMail.
  if (found.ticket_id !== null) await lockTicket(tx, found.ticket_id)
  const locked = tx.db.selectFrom('outbound_mails').selectAll().where('id', '=', found.id)
  const mail = await forUpdate(tx.db, locked).executeTakeFirstOrThrow()
  if (mail.state === 'bounced' || (bounce.action !== 'failed' && bounce.action !== 'delayed')) return mail.id
  const isAddressed = bounce.recipient === null || foldEmail(bounce.recipient) === mail.to_key
  const said = {
    smtp_code: null,
    enhanced_code: bounce.status?.slice(0, 20) ?? null,
    response: bounce.diagnostic === null ? null : toResponse(bounce.diagnostic),
    updated_at: tx.now,
    version: mail.version + 1,
  }
  const isOver = bounce.action === 'failed'
  const changes = isOver ? { ...said, state: 'bounced' as const, reason: 'reported', lease_token: null } : said
  await tx.db.updateTable('outbound_mails').set(changes).where('id', '=', mail.id).execute()
  const after = { ...mail, ...changes }
  if (isOver) await announceBounce(tx, after, { isAddressed })
  return mail.id
}

async function findMail(tx: Tx, { header_id, outbound_mail_id }: Bounce): Promise<OutboundMailRow | undefined> {
  if (outbound_mail_id !== undefined)
    return tx.db.selectFrom('outbound_mails').selectAll().where('id', '=', outbound_mail_id).executeTakeFirst()
  if (header_id === undefined) return undefined
  const header_key = createHash('sha256').update(header_id).digest('hex')
  return tx.db.selectFrom('outbound_mails').selectAll().where('header_key', '=', header_key).orderBy('id').executeTakeFirst()
}
