import type { Static } from 'typebox'
import { foldEmail, fromBool, fromJson, toBool, toTime } from '../../../platform/codecs.ts'
import { prepare } from '../../../platform/database/prepared.ts'
import type { Reader } from '../../../platform/database/schema.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { User, UserQuery } from '../schema.ts'
import type { UserRow } from '../tables.ts'

/** A user as staff see him, and as he sees himself. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    object: 'user',
    role: row.role,
    name: row.name,
    email: row.email,
    email_verified: row.email_verified_at !== null,
    locale: row.locale,
    time_zone: row.time_zone,
    organization_id: row.organization_id,
    organization_role: row.organization_role,
    active: toBool(row.active),
    external_id: row.external_id,
    metadata: fromJson(row.metadata),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}

const userById = prepare((db, { id }: { id: string }) => db.selectFrom('users').selectAll().where('id', '=', id))
const userByEmail = prepare((db, { key }: { key: string }) => db.selectFrom('users').selectAll().where('email_key', '=', key))

export async function findUser(db: Reader, id: string): Promise<UserRow | undefined> {
  return (await userById(db, { id }))[0]
}

/** The user, or 404. */
export async function getUser(db: Reader, id: string): Promise<UserRow> {
  const row = await findUser(db, id)
  if (!row) throw NotFound()
  return row
}

/** The user with this address, however its letters are cased. */
export async function findUserByEmail(db: Reader, email: string): Promise<UserRow | undefined> {
  return (await userByEmail(db, { key: foldEmail(email) }))[0]
}

/** Those of these users that there are, as staff see them. */
export async function presentUsers(db: Reader, ids: readonly string[]): Promise<User[]> {
  return (await db.selectFrom('users').selectAll().where('id', 'in', ids).execute()).map(toUser)
}

/** The users that the filters of a list let through. */
export function filterUsers(db: Reader, filters: Static<typeof UserQuery>) {
  let rows = db.selectFrom('users').selectAll()
  if (filters.role) rows = rows.where('role', 'in', filters.role)
  if (filters.organization_id) rows = rows.where('organization_id', 'in', filters.organization_id)
  if (filters.email !== undefined) rows = rows.where('email_key', '=', foldEmail(filters.email))
  if (filters.external_id !== undefined) rows = rows.where('external_id', '=', filters.external_id)
  if (filters.active !== undefined) rows = rows.where('active', '=', fromBool(filters.active))
  return rows
}
