import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes the views of these people out of the database; nobody is told. Answers how many went. */
export function purgeViews(db: Reader, user_ids: readonly string[]): Promise<number> {
  return deleteRows(db, 'views', { column: 'owner_id', values: user_ids })
}
