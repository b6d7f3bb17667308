import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Letter } from '../smtp.ts'

/** Keeps a mail in the development outbox. The same mail is kept once, however often it is sent. */
export async function keepMail(tx: Tx, { mark, to, subject, text, html }: Letter): Promise<void> {
  await insertIfAbsent(tx.db, 'outbox_mails', {
    id: `out_${mark}`,
    to_address: to,
    subject,
    text,
    html,
    created_at: tx.now,
  })
}
