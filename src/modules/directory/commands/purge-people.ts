import { deleteRows } from '../../../platform/database/delete-rows.ts'
import type { Reader } from '../../../platform/database/schema.ts'

/** Takes people and organizations out of the database, as if they had never been there; nobody is told. Answers how many rows went. */
export async function purgePeople(
  db: Reader,
  { user_ids, organization_ids }: { user_ids: readonly string[]; organization_ids: readonly string[] },
): Promise<number> {
  const memberships = await deleteRows(db, 'team_members', { column: 'user_id', values: user_ids })
  const users = await deleteRows(db, 'users', { column: 'id', values: user_ids })
  return memberships + users + (await deleteRows(db, 'organizations', { column: 'id', values: organization_ids }))
}
