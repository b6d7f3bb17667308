import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'

/** Takes away the row of a content that no attachment shares any more; answers its key in the store, null when it stays. */
export async function forgetFile(tx: Tx, sha256: string): Promise<string | null> {
  const row = tx.db.selectFrom('files').select('storage_key').where('sha256', '=', sha256)
  // An upload of the same content holds the row until its own is there, and waits where this one was first.
  const file = await forUpdate(tx.db, row).executeTakeFirst()
  if (!file) return null
  const used = await tx.db.selectFrom('attachments').select('id').where('sha256', '=', sha256).limit(1).executeTakeFirst()
  if (used) return null
  await tx.db.deleteFrom('files').where('sha256', '=', sha256).execute()
  return file.storage_key
}
