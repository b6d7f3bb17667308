import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Forget } from '../actors.ts'
import { apiKeyRevoked } from '../events.ts'

/** Takes an API key away: it opens nothing from here on. Its row stays, for what it did is in the log. */
export async function revokeApiKey(
  tx: Tx,
  actor: Actor,
  { id, if_match, forget }: { id: string; if_match: readonly string[] | undefined; forget: Forget },
): Promise<void> {
  const query = tx.db.selectFrom('api_keys').select('version').where('id', '=', id).where('revoked_at', 'is', null)
  const row = await forUpdate(tx.db, query).executeTakeFirst()
  if (!row) throw NotFound()
  requireMatch(if_match, `v${row.version}`, row.version)
  const version = row.version + 1
  await tx.db.updateTable('api_keys').set({ revoked_at: tx.now, updated_at: tx.now, version }).where('id', '=', id).execute()
  tx.afterCommit(() => forget())
  tx.announce(apiKeyRevoked, {
    actor: { type: actor.type, id: actor.id },
    subject: { type: 'api_key', id, version },
    visibility: 'internal',
    data: {},
  })
}
