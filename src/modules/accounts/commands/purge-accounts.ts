import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes everything with which these people sign in out of the database; nobody is told. Answers how many rows went. */
export async function purgeAccounts(db: Reader, user_ids: readonly string[]): Promise<number> {
  let total = await deleteRows(db, 'credentials', { column: 'user_id', values: user_ids })
  total += await deleteRows(db, 'mail_tokens', { column: 'user_id', values: user_ids })
  total += await deleteRows(db, 'realtime_tokens', { column: 'principal_id', values: user_ids })
  return total + (await deleteRows(db, 'sessions', { column: 'user_id', values: user_ids }))
}
