import { fromJson, toTime, toTimeOrNull } from '../../platform/codecs.ts'
import type { Reader } from '../../platform/database/schema.ts'
import type { Secrets } from '../../platform/secrets.ts'
import { ownView, toUser, type UserRow } from '../directory/index.ts'
import type { AccessTokens } from './access-tokens.ts'
import { usableApiKeys } from './queries.ts'
import { refreshToken } from './refresh-token.ts'
import type { ApiKey, Device, Me, Session } from './schema.ts'
import type { ApiKeyRow, SessionRow } from './tables.ts'

/** A person as he sees himself: what was imported with him is for staff only. */
export function toMe(row: UserRow): Me {
  const { external_id, metadata, ...own } = toUser(row)
  const { version, updated_at } = ownView(row, row)
  return row.role === 'requester' ? { ...own, version, updated_at: toTime(updated_at) } : { ...own, external_id, metadata }
}

/** A session as it is answered to the one who opened it, with fresh tokens. */
export async function toSession(
  { session, user }: { session: SessionRow; user: UserRow },
  { tokens, secrets }: { tokens: AccessTokens; secrets: Secrets },
): Promise<Session> {
  const { access_token, expires_in } = await tokens.sign(session)
  return {
    id: session.id,
    object: 'session',
    access_token,
    token_type: 'Bearer',
    expires_in,
    refresh_token: refreshToken(secrets, session, session.generation),
    user: toMe(user),
  }
}

export function toDevice(row: SessionRow, current_id: string | null): Device {
  return {
    id: row.id,
    object: 'session',
    current: row.id === current_id,
    client_address: row.client_address,
    user_agent: row.user_agent,
    last_used_at: toTime(row.last_used_at),
    expires_at: toTime(row.expires_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.rotated_at),
    version: row.generation,
  }
}

/** Those of these API keys that were not revoked, without their secrets. */
export async function presentApiKeys(db: Reader, ids: readonly string[]): Promise<ApiKey[]> {
  return (await usableApiKeys(db).where('id', 'in', ids).execute()).map(toApiKey)
}

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    object: 'api_key',
    name: row.name,
    role: row.role,
    scopes: fromJson(row.scopes),
    hint: row.hint,
    created_by_id: row.created_by,
    expires_at: toTimeOrNull(row.expires_at),
    last_used_at: toTimeOrNull(row.last_used_at),
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}
