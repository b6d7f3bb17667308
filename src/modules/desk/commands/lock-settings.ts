import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { SettingsRow } from '../tables.ts'

/**
 * The settings, locked until the transaction ends. Whatever rests on more than one row of the desk (the tree of categories, the
 * default queue) is decided under this lock, taken first, so that no two such decisions are made at once. Readers do not wait.
 */
export async function lockSettings(tx: Tx): Promise<SettingsRow> {
  const settings = tx.db.selectFrom('settings').selectAll().where('id', '=', 1)
  return forUpdate(tx.db, settings).executeTakeFirstOrThrow()
}
