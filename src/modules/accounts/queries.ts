import { sql } from 'kysely'
import { foldEmail } from '../../platform/codecs.ts'
import { forUpdate } from '../../platform/database/dialect.ts'
import { prepare } from '../../platform/database/prepared.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { findUser } from '../directory/index.ts'
import type { ApiKeyRow, MailTokenRow, RealtimeTokenRow, RegistrationRow, SessionRow, SigningKeyRow } from './tables.ts'

/** All signing keys, the newest first. */
export function listSigningKeys(db: Reader): Promise<SigningKeyRow[]> {
  return db.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').orderBy('kid', 'desc').execute()
}

/** Sessions with the people they belong to. */
function peopleOfSessions(db: Reader) {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['users.id', 'users.role', 'users.name', 'users.organization_id', 'users.organization_role', 'users.active'])
    .select(['sessions.id as session_id', 'sessions.ended_at', 'sessions.expires_at'])
}

export type PersonOfSession = Awaited<ReturnType<typeof listPeopleOfSessions>>[number]

const personOfSession = prepare((db, { id }: { id: string }) => peopleOfSessions(db).where('sessions.id', '=', id))

/** A session with the person it belongs to, or undefined. */
export async function findPersonOfSession(db: Reader, session_id: string) {
  return (await personOfSession(db, { id: session_id }))[0]
}

/** Those of these sessions that there are, with the people they belong to. */
export async function listPeopleOfSessions(db: Reader, session_ids: readonly string[]) {
  return session_ids.length === 0 ? [] : peopleOfSessions(db).where('sessions.id', 'in', session_ids).execute()
}

/** What decides what an API key may. */
export type ApiKeyOutline = Pick<ApiKeyRow, 'id' | 'name' | 'role' | 'scopes' | 'expires_at' | 'last_used_at' | 'revoked_at'>

function apiKeyOutlines(db: Reader) {
  return db.selectFrom('api_keys').select(['id', 'name', 'role', 'scopes', 'expires_at', 'last_used_at', 'revoked_at'])
}

const apiKeyByHash = prepare((db, { hash }: { hash: string }) => apiKeyOutlines(db).where('secret_hash', '=', hash))

/** Those of these API keys that there are, revoked ones too. */
export async function listApiKeyOutlines(db: Reader, ids: readonly string[]): Promise<ApiKeyOutline[]> {
  return ids.length === 0 ? [] : apiKeyOutlines(db).where('id', 'in', ids).execute()
}

export async function findApiKeyOutline(db: Reader, id: string): Promise<ApiKeyOutline | undefined> {
  return (await listApiKeyOutlines(db, [id]))[0]
}

export async function findApiKeyByHash(db: Reader, hash: string) {
  return (await apiKeyByHash(db, { hash }))[0]
}

/** The API keys that were not revoked. */
export function usableApiKeys(db: Reader) {
  return db.selectFrom('api_keys').selectAll().where('revoked_at', 'is', null)
}

export function findApiKey(db: Reader, id: string): Promise<ApiKeyRow | undefined> {
  return usableApiKeys(db).where('id', '=', id).executeTakeFirst()
}

/** A session under its lock. */
export function findSessionToChange(db: Reader, id: string): Promise<SessionRow | undefined> {
  return forUpdate(db, db.selectFrom('sessions').selectAll().where('id', '=', id)).executeTakeFirst()
}

/** The sessions of a user that last. */
export function activeSessions(db: Reader, { user_id, now }: { user_id: string; now: number }) {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('user_id', '=', user_id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
}

const signInByEmail = prepare((db, { key }: { key: string }) =>
  db
    .selectFrom('users')
    .leftJoin('credentials', 'credentials.user_id', 'users.id')
    .select(['users.id', 'users.active', 'credentials.password_hash'])
    .where('users.email_key', '=', key),
)

/** What a login is checked against, in one look, so that a known address takes no longer than an unknown one. */
export async function findSignIn(db: Reader, email: string) {
  return (await signInByEmail(db, { key: foldEmail(email) }))[0]
}

const passwordOfUser = prepare((db, { user_id }: { user_id: string }) =>
  db.selectFrom('credentials').select('password_hash').where('user_id', '=', user_id),
)

export async function findPasswordHash(db: Reader, user_id: string): Promise<string | undefined> {
  return (await passwordOfUser(db, { user_id }))[0]?.password_hash
}

/** Whether a user gets an invitation when he moves to this address: it is another one, and he has no password yet. */
export async function isInvitedWhenMoved(db: Reader, { user_id, email }: { user_id: string; email: string }): Promise<boolean> {
  const user = await findUser(db, user_id)
  return user !== undefined && user.email_key !== foldEmail(email) && (await findPasswordHash(db, user_id)) === undefined
}

/** When a user's password was last set, or undefined. */
export async function passwordSetAt(db: Reader, user_id: string): Promise<number | undefined> {
  const row = await db.selectFrom('credentials').select('updated_at').where('user_id', '=', user_id).executeTakeFirst()
  return row?.updated_at
}

export function findRegistration(db: Reader, id: string): Promise<RegistrationRow | undefined> {
  return db.selectFrom('registrations').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The oldest registration of an address that was made after this time and still waits for the owner of the mailbox. */
export function findPendingRegistration(
  db: Reader,
  { email, created_after }: { email: string; created_after: number },
): Promise<RegistrationRow | undefined> {
  return db
    .selectFrom('registrations')
    .selectAll()
    .where('email_key', '=', foldEmail(email))
    .where('used_at', 'is', null)
    .where('created_at', '>', created_after)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** How many registrations of an address, folded, were kept since a time: each was mailed. */
export async function countRegistrations(
  db: Reader,
  { email_key, since }: { email_key: string; since: number },
): Promise<number> {
  const { count } = await db
    .selectFrom('registrations')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('email_key', '=', email_key)
    .where('created_at', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export function findMailToken(db: Reader, id: string): Promise<MailTokenRow | undefined> {
  return db.selectFrom('mail_tokens').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Whether anybody administers this desk. */
export async function hasAdmin(db: Reader): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select(sql`1`.as('found'))
    .where('role', '=', 'admin')
    .where('active', '=', 1)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export function findRealtimeToken(db: Reader, id: string): Promise<RealtimeTokenRow | undefined> {
  return db.selectFrom('realtime_tokens').selectAll().where('id', '=', id).executeTakeFirst()
}

/** How many tokens of a principal wait to be spent. */
export async function countRealtimeTokens(
  db: Reader,
  { principal_id, now }: { principal_id: string; now: number },
): Promise<number> {
  const { count } = await db
    .selectFrom('realtime_tokens')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('principal_id', '=', principal_id)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  return Number(count)
}
