import type { Actor } from '../../../platform/actor.ts'
import { foldEmail, fromBool, toBool } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { isDuplicate } from '../../../platform/database/errors.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { changedKeys } from '../changed.ts'
import { announce, userUpdated } from '../events.ts'
import { type MetadataPatch, mergeMetadata } from '../metadata.ts'
import { emailTaken, externalIdTaken, LastAdmin } from '../problems.ts'
import { findUserByEmail, toUser } from '../queries/users.ts'
import type { UserRow } from '../tables.ts'
import { leaveTeams } from './leave-teams.ts'
import { placeInOrganization } from './place-in-organization.ts'
import { localeOf, timeZoneOf } from './read-language.ts'

/** What may change in a user; null clears, a key that is absent stays. */
export interface UserChanges {
  name?: string
  role?: UserRow['role']
  email?: string
  /** Whether the address, as it then is, was shown to be theirs. Without it a new address is unproven. */
  email_is_proven?: boolean
  locale?: string | null
  time_zone?: string | null
  /** Who goes to another organization is its member, whatever he was in the first. */
  organization_id?: string | null
  organization_role?: 'member' | 'manager' | null
  active?: boolean
  external_id?: string | null
  metadata?: MetadataPatch
}

/** Changes a user. Nothing is written or announced where nothing differs. Who is no agent any more leaves his teams. */
export async function updateUser(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { user_id, changes, if_match }: { user_id: string; changes: UserChanges; if_match: readonly string[] | undefined },
): Promise<UserRow> {
  const endsAdmin = (changes.role ?? 'admin') !== 'admin' || changes.active === false
  const admins = endsAdmin ? await lockActiveAdmins(tx) : []
  const row = await forUpdate(tx.db, tx.db.selectFrom('users').selectAll().where('id', '=', user_id)).executeTakeFirst()
  if (!row) throw NotFound()
  const view = ownView(row, actor)
  requireMatch(if_match, view.etag, view.version)
  if (admins.length === 1 && admins[0] === user_id) throw LastAdmin()

  const wanted = { ...row, ...(await columnsAfter(tx, row, changes)), updated_at: tx.now, version: row.version + 1 }
  const changed = changedKeys(toUser(row), toUser(wanted))
  if (changed.length === 0) return row
  const isPublic = changed.some((key) => key !== 'external_id' && key !== 'metadata')
  const next = isPublic ? { ...wanted, public_version: row.public_version + 1, public_updated_at: tx.now } : wanted
  await write(tx, next)

  const data = { changed, ...routingFacts(next) }
  const previous = Object.entries(routingFacts(row)).filter(([key]) => changed.includes(key))
  announce(tx, userUpdated, {
    actor,
    row: next,
    data,
    ...(previous.length > 0 ? { previous: Object.fromEntries(previous) } : {}),
  })
  if (row.role !== 'requester' && next.role === 'requester') await leaveTeams(tx, actor, user_id)
  return next
}

/** A user's version and entity tag as this actor knows them: a requester sees but a part of himself. */
export function ownView(row: UserRow, actor: Pick<Actor, 'id'>): { etag: string; version: number; updated_at: number } {
  const isPart = row.role === 'requester' && actor.id === row.id
  return isPart
    ? { etag: `p${row.public_version}`, version: row.public_version, updated_at: row.public_updated_at }
    : { etag: `v${row.version}`, version: row.version, updated_at: row.updated_at }
}

/** Of two admins who end each other's rights at the same moment, the second finds himself the last. */
async function lockActiveAdmins(tx: Tx): Promise<string[]> {
  const admins = tx.db.selectFrom('users').select('id').where('role', '=', 'admin').where('active', '=', 1).orderBy('id')
  return (await forUpdate(tx.db, admins).execute()).map(({ id }) => id)
}

async function columnsAfter(tx: Tx, row: UserRow, changes: UserChanges): Promise<Partial<UserRow>> {
  const { name, role, email, active, external_id, metadata, locale, time_zone } = changes
  return {
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
    ...(email === undefined ? {} : { email, email_key: foldEmail(email) }),
    ...(active === undefined ? {} : { active: fromBool(active) }),
    ...(external_id === undefined ? {} : { external_id }),
    ...(locale === undefined ? {} : { locale: localeOf(locale) }),
    ...(time_zone === undefined ? {} : { time_zone: timeZoneOf(time_zone) }),
    ...(metadata === undefined ? {} : { metadata: mergeMetadata(row.metadata, metadata) }),
    email_verified_at: provenAt(tx, row, changes),
    ...(await placeAfter(tx, row, changes)),
  }
}

function provenAt(tx: Tx, row: UserRow, { email, email_is_proven }: UserChanges): number | null {
  const isSameAddress = email === undefined || foldEmail(email) === row.email_key
  const before = isSameAddress ? row.email_verified_at : null
  if (email_is_proven === undefined) return before
  return email_is_proven ? (before ?? tx.now) : null
}

async function placeAfter(tx: Tx, row: UserRow, changes: UserChanges): Promise<Partial<UserRow>> {
  const { organization_id = row.organization_id, organization_role } = changes
  if (changes.organization_id === undefined && organization_role === undefined) return {}
  const kept = organization_id === row.organization_id ? row.organization_role : null
  return placeInOrganization(tx, {
    organization_id,
    organization_role: organization_role === undefined ? kept : organization_role,
  })
}

async function write(tx: Tx, { id, created_at: _, ...columns }: UserRow): Promise<void> {
  try {
    await tx.db.updateTable('users').set(columns).where('id', '=', id).execute()
  } catch (error) {
    if (!isDuplicate(error)) throw error
    const holder = await findUserByEmail(tx.db, columns.email)
    throw holder && holder.id !== id ? emailTaken() : externalIdTaken()
  }
}

function routingFacts({ role, active, organization_id }: UserRow) {
  return { role, active: toBool(active), organization_id }
}
