import type { Static } from 'typebox'
import { fromJson, toTime } from '../../../platform/codecs.ts'
import { forShare } from '../../../platform/database/dialect.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Organization, OrganizationQuery } from '../schema.ts'
import type { OrganizationRow } from '../tables.ts'

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    object: 'organization',
    name: row.name,
    external_id: row.external_id,
    metadata: fromJson(row.metadata),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

/** An organization. With `for share` it stays until the transaction ends, so that something may name it. */
export async function findOrganization(db: Reader, id: string, lock?: 'for share'): Promise<OrganizationRow | undefined> {
  const row = db.selectFrom('organizations').selectAll().where('id', '=', id)
  return (lock ? forShare(db, row) : row).executeTakeFirst()
}

/** Whether there is such an organization; it stays until the transaction ends. */
export async function holdOrganization(tx: Tx, id: string): Promise<boolean> {
  const query = tx.db.selectFrom('organizations').select('id').where('id', '=', id)
  return (await forShare(tx.db, query).executeTakeFirst()) !== undefined
}

/** The organization, or 404. */
export async function getOrganization(db: Reader, id: string): Promise<OrganizationRow> {
  const row = await findOrganization(db, id)
  if (!row) throw NotFound()
  return row
}

/** Those of these organizations that there are. */
export async function presentOrganizations(db: Reader, ids: readonly string[]): Promise<Organization[]> {
  return (await db.selectFrom('organizations').selectAll().where('id', 'in', ids).execute()).map(toOrganization)
}

/** Whether anybody belongs to the organization. */
export async function hasUsers(db: Reader, organization_id: string): Promise<boolean> {
  const first = db.selectFrom('users').select('id').where('organization_id', '=', organization_id).limit(1)
  return (await first.executeTakeFirst()) !== undefined
}

/** The organizations that the filters of a list let through. */
export function filterOrganizations(db: Reader, { external_id }: Static<typeof OrganizationQuery>) {
  const rows = db.selectFrom('organizations').selectAll()
  return external_id === undefined ? rows : rows.where('external_id', '=', external_id)
}
