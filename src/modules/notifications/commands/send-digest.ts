import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { isOneAddress } from '../../mail/index.ts'
import { queueMail } from '../../sending/index.ts'
import type { Postmark } from './owe-mails.ts'

/** Owes somebody the one mail in which everything stands that waited for it. What comes later waits for the next. */
export async function sendDigest(tx: Tx, user_id: string, { domain }: Pick<Postmark, 'domain'>): Promise<void> {
  const user = await forUpdate(tx.db, tx.db.selectFrom('users').selectAll().where('id', '=', user_id)).executeTakeFirst()
  const waiting = tx.db
    .selectFrom('digest_items')
    .select('id')
    .where('outbound_mail_id', 'is', null)
    .where('user_id', '=', user_id)
    .orderBy('id')
  const [first] = await waiting.limit(1).execute()
  if (!first || !user) return
  const isThere = user.active === 1 && isOneAddress(user.email)
  const row = await queueMail(tx, {
    // Its first item is in no other digest.
    key: `digest ${first.id}`,
    kind: 'digest',
    automatic: true,
    to: { user_id: user.id, address: user.email, address_key: user.email_key },
    mailbox_id: null,
    ticket_id: null,
    message_id: null,
    event_id: null,
    suppressed: isThere ? undefined : 'recipient_gone',
    header_id: (id) => `<${id.replace('mail_', 'm')}@${domain}>`,
  })
  if (!row) return
  await tx.db
    .updateTable('digest_items')
    .set({ outbound_mail_id: row.id })
    .where('outbound_mail_id', 'is', null)
    .where('user_id', '=', user_id)
    .execute()
}
