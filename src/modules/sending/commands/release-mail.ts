import type { Reader } from '../../../platform/database/schema.ts'
import type { OutboundMailRow } from '../tables.ts'

/** Gives a claimed mail back as if it had not been tried. */
export async function releaseMail(db: Reader, mail: OutboundMailRow, now: number): Promise<void> {
  const state = mail.attempts > 1 ? ('deferred' as const) : ('queued' as const)
  await db
    .updateTable('outbound_mails')
    .set({ state, attempts: mail.attempts - 1, due_at: now, lease_token: null, updated_at: now, version: mail.version + 1 })
    .where('id', '=', mail.id)
    .where('lease_token', '=', mail.lease_token)
    .execute()
}
