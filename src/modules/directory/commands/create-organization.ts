import { toJson } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, organizationCreated } from '../events.ts'
import { externalIdTaken } from '../problems.ts'
import type { OrganizationRow } from '../tables.ts'

export interface NewOrganization {
  name: string
  external_id?: string | null
  metadata?: Record<string, string>
}

/** Enters a customer company. */
export async function createOrganization(
  tx: Tx,
  actor: Announcement['actor'],
  { name, external_id = null, metadata = {} }: NewOrganization,
): Promise<OrganizationRow> {
  const row: OrganizationRow = {
    id: newId('org'),
    name,
    external_id,
    metadata: toJson(metadata),
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (!(await insertIfAbsent(tx.db, 'organizations', row))) throw externalIdTaken()
  announce(tx, organizationCreated, { actor, row, data: {} })
  return row
}
