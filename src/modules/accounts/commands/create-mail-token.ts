import { foldEmail } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { MailTokenRow } from '../tables.ts'

const HOUR_MS = 3_600_000

/** How long a link lasts. */
const LASTS_MS = { password_reset: HOUR_MS, email_change: 24 * HOUR_MS, invitation: 7 * 24 * HOUR_MS }

/** Keeps that a link is to be mailed. The mail itself is owed by whatever is announced with it. */
export async function createMailToken(
  tx: Tx,
  { purpose, user_id, email }: { purpose: keyof typeof LASTS_MS; user_id: string | null; email: string },
): Promise<MailTokenRow> {
  const row: MailTokenRow = {
    id: newId('mtk'),
    purpose,
    user_id,
    email,
    email_key: foldEmail(email),
    created_at: tx.now,
    expires_at: tx.now + LASTS_MS[purpose],
    used_at: null,
  }
  await insertRow(tx.db, 'mail_tokens', row)
  return row
}
