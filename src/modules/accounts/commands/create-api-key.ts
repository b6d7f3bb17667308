import type { Actor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { hashApiSecret } from '../api-key.ts'
import { apiKeyCreated } from '../events.ts'
import type { ApiKeyRow } from '../tables.ts'

/** Makes an API key. Only a digest of its secret is kept. */
export async function createApiKey(
  tx: Tx,
  actor: Actor,
  key: { name: string; role: ApiKeyRow['role']; scopes: readonly string[]; expires_at: number | null; secret: string },
): Promise<ApiKeyRow> {
  const { name, role, scopes, expires_at, secret } = key
  if (expires_at !== null && expires_at <= tx.now)
    throw invalidField('/expires_at', 'in_the_past', 'A key must end in the future.')
  const row: ApiKeyRow = {
    id: newId('key'),
    name,
    role,
    scopes: toJson(scopes),
    secret_hash: hashApiSecret(secret),
    hint: secret.slice(-4),
    created_by: actor.id,
    expires_at,
    last_used_at: null,
    revoked_at: null,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  await insertRow(tx.db, 'api_keys', row)
  tx.announce(apiKeyCreated, {
    actor: { type: actor.type, id: actor.id },
    subject: { type: 'api_key', id: row.id, version: row.version },
    visibility: 'internal',
    data: { role, scopes: [...scopes] },
  })
  return row
}
