import type { Actor } from '../../../platform/actor.ts'
import { foldEmail, toBool, toJson } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce, userCreated } from '../events.ts'
import { emailTaken, externalIdTaken } from '../problems.ts'
import { findUserByEmail } from '../queries/users.ts'
import type { UserRow } from '../tables.ts'
import { placeInOrganization } from './place-in-organization.ts'
import { localeOf, timeZoneOf } from './read-language.ts'

export interface NewUser {
  role: UserRow['role']
  name: string
  email: string
  /** Whether somebody showed that the address is this person's: it was verified, or an admin set it. */
  email_is_proven: boolean
  locale?: string | null
  time_zone?: string | null
  organization_id?: string | null
  organization_role?: 'member' | 'manager' | null
  external_id?: string | null
  metadata?: Record<string, string>
}

/** Enters a person. Signing in is another matter: that takes a credential, which the accounts keep. */
export async function createUser(tx: Tx, actor: Pick<Actor, 'type' | 'id'>, user: NewUser): Promise<UserRow> {
  const { organization_id = null, organization_role = null } = user
  const row: UserRow = {
    id: newId('usr'),
    role: user.role,
    name: user.name,
    email: user.email,
    email_key: foldEmail(user.email),
    email_verified_at: user.email_is_proven ? tx.now : null,
    locale: localeOf(user.locale ?? null),
    time_zone: timeZoneOf(user.time_zone ?? null),
    ...(await placeInOrganization(tx, { organization_id, organization_role })),
    active: 1,
    external_id: user.external_id ?? null,
    metadata: toJson(user.metadata ?? {}),
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
    public_version: 1,
    public_updated_at: tx.now,
  }
  if (!(await insertIfAbsent(tx.db, 'users', row)))
    throw (await findUserByEmail(tx.db, row.email)) ? emailTaken() : externalIdTaken()
  const { role, active } = row
  announce(tx, userCreated, { actor, row, data: { role, active: toBool(active), organization_id: row.organization_id } })
  return row
}
