import type { Reader } from '../../platform/database/schema.ts'
import type { Secrets } from '../../platform/secrets.ts'
import type { MailKey } from './reply-address.ts'

/** The keys that sign what comes back by mail. They derive from BECKON_SECRET and a number; the rows say which numbers count. */
export interface MailKeys {
  /** The key that signs now. */
  current(db: Reader): Promise<MailKey>
  /** A key by the number that stands in what it signed; undefined where it was retired, or never was. */
  find(db: Reader, id: number): Promise<MailKey | undefined>
}

/** The key that there is before the first rotation. */
export const FIRST_KEY = 1

export function createMailKeys(secrets: Pick<Secrets, 'key'>): MailKeys {
  const keyOf = (id: number): MailKey => ({ id, key: secrets.key(`mail-threads/${id}`) })
  return {
    async current(db) {
      const newest = await db.selectFrom('mail_keys').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
      return keyOf(newest?.id ?? FIRST_KEY)
    },
    async find(db, id) {
      const row = await db.selectFrom('mail_keys').selectAll().where('id', '=', id).executeTakeFirst()
      if (row) return row.retired_at === null ? keyOf(id) : undefined
      return id === FIRST_KEY ? keyOf(id) : undefined
    },
  }
}
