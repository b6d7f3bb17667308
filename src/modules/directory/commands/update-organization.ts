import { isDuplicate } from '../../../platform/database/errors.ts'
import type { Announcement } from '../../../platform/events.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changedKeys } from '../changed.ts'
import { announce, organizationUpdated } from '../events.ts'
import { type MetadataPatch, mergeMetadata } from '../metadata.ts'
import { externalIdTaken } from '../problems.ts'
import { toOrganization } from '../queries/organizations.ts'
import type { OrganizationRow } from '../tables.ts'
import { lockOrganization } from './lock-organization.ts'

interface OrganizationChanges {
  name?: string
  external_id?: string | null
  metadata?: MetadataPatch
}

/** Changes an organization. Nothing is written or announced where nothing differs. */
export async function updateOrganization(
  tx: Tx,
  actor: Announcement['actor'],
  what: { organization_id: string; changes: OrganizationChanges; if_match: readonly string[] | undefined },
): Promise<OrganizationRow> {
  const row = await lockOrganization(tx, what)
  const { name = row.name, external_id = row.external_id, metadata } = what.changes
  const columns = {
    name,
    external_id,
    metadata: metadata === undefined ? row.metadata : mergeMetadata(row.metadata, metadata),
    updated_at: tx.now,
    version: row.version + 1,
  }
  const next = { ...row, ...columns }
  const changed = changedKeys(toOrganization(row), toOrganization(next))
  if (changed.length === 0) return row
  try {
    await tx.db.updateTable('organizations').set(columns).where('id', '=', row.id).execute()
  } catch (error) {
    throw isDuplicate(error) ? externalIdTaken() : error
  }
  announce(tx, organizationUpdated, { actor, row: next, data: { changed } })
  return next
}
