import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getSettings } from '../../desk/index.ts'
import { isOneAddress } from '../../mail/index.ts'
import { type MailboxRow, mailboxOfQueue } from '../../mailboxes/index.ts'
import { queueMail } from '../../sending/index.ts'
import type { Postmark } from './owe-mails.ts'

/**
 * Owes somebody the one mail in which everything stands that waited for it. What comes later waits for the next. It leaves from the mailbox of
 * the tickets that it tells of, or from that of the default queue where they have several: there a bounce is read.
 */
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
  const mailbox = await mailboxFor(tx, user_id)
  const from = mailbox ? mailbox.address.slice(mailbox.address.lastIndexOf('@') + 1) : domain
  const isThere = user.active === 1 && isOneAddress(user.email)
  const row = await queueMail(tx, {
    // Its first item is in no other digest.
    key: `digest ${first.id}`,
    kind: 'digest',
    automatic: true,
    to: { user_id: user.id, address: user.email, address_key: user.email_key },
    mailbox_id: mailbox?.id ?? null,
    ticket_id: null,
    message_id: null,
    event_id: null,
    suppressed: isThere ? undefined : 'recipient_gone',
    header_id: (id) => `<${id.replace('mail_', 'm')}@${from}>`,
  })
  if (!row) return
  await tx.db
    .updateTable('digest_items')
    .set({ outbound_mail_id: row.id })
    .where('outbound_mail_id', 'is', null)
    .where('user_id', '=', user_id)
    .execute()
}

async function mailboxFor(tx: Tx, user_id: string): Promise<MailboxRow | undefined> {
  const queues = await tx.db
    .selectFrom('digest_items')
    .innerJoin('tickets', 'tickets.id', 'digest_items.ticket_id')
    .select('tickets.queue_id')
    .distinct()
    .where('digest_items.outbound_mail_id', 'is', null)
    .where('digest_items.user_id', '=', user_id)
    .execute()
  const found = new Map<string | undefined, MailboxRow | undefined>()
  for (const { queue_id } of queues) {
    const mailbox = await mailboxOfQueue(tx.db, queue_id)
    found.set(mailbox?.id, mailbox)
  }
  const [only] = [...found.values()]
  return found.size === 1 ? only : mailboxOfQueue(tx.db, (await getSettings(tx.db)).default_queue_id)
}
