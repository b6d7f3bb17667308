import { fromJson, toTime } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { OutboxMail } from './outbox-page.ts'

/** The mails in the development outbox, newest first. */
export async function listOutbox(db: Reader, { limit }: { limit: number }): Promise<OutboxMail[]> {
  const rows = await db
    .selectFrom('outbox_mails')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ to_address, created_at, headers, ...row }) => ({
    ...row,
    to: to_address,
    headers: headers === null ? {} : fromJson(headers),
    created_at: toTime(created_at),
  }))
}
