import { forUpdate } from '../../../platform/database/dialect.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../tables.ts'

type Place = Pick<UserRow, 'organization_id' | 'organization_role'>

/** Where a user belongs: a role without an organization is refused, and who has an organization is at least its member. */
export async function placeInOrganization(tx: Tx, { organization_id, organization_role }: Place): Promise<Place> {
  if (organization_id === null) {
    if (organization_role === null) return { organization_id, organization_role }
    throw invalidField('/organization_role', 'no_organization', 'Only who belongs to an organization has a role in it.')
  }
  // Locked, so that nobody deletes it before the user is in it.
  const organization = tx.db.selectFrom('organizations').select('id').where('id', '=', organization_id)
  if (!(await forUpdate(tx.db, organization).executeTakeFirst()))
    throw invalidField('/organization_id', 'not_found', 'There is no such organization.')
  return { organization_id, organization_role: organization_role ?? 'member' }
}
