import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, organizationDeleted } from '../events.ts'
import type { IsInUse } from '../in-use.ts'
import { OrganizationInUse } from '../problems.ts'
import { hasUsers } from '../queries/organizations.ts'
import { lockOrganization } from './lock-organization.ts'

/** Takes an organization away, unless somebody belongs to it or something else names it. */
export async function deleteOrganization(
  tx: Tx,
  actor: Announcement['actor'],
  what: {
    organization_id: string
    if_match: readonly string[] | undefined
    isInUse: IsInUse
  },
): Promise<void> {
  const row = await lockOrganization(tx, what)
  if ((await hasUsers(tx.db, row.id)) || (await what.isInUse(tx.db, row.id))) throw OrganizationInUse()
  await tx.db.deleteFrom('organizations').where('id', '=', row.id).execute()
  announce(tx, organizationDeleted, { actor, row: { id: row.id, version: row.version + 1 }, data: {} })
}
