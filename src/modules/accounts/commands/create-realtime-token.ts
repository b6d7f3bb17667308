import type { Actor } from '../../../platform/actor.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { tooManyTokens } from '../problems.ts'
import { countRealtimeTokens } from '../queries.ts'
import { hashRealtimeToken } from '../realtime-token.ts'

/** How long a token waits to be spent. */
const TOKEN_LASTS_MS = 60_000
const UNSPENT_MAX = 100

/** Keeps that a token opens one stream for whoever asks, within a minute. Only a digest of it is kept. Answers when it ends. */
export async function createRealtimeToken(tx: Tx, actor: Actor, token: string): Promise<number> {
  const unspent = await countRealtimeTokens(tx.db, { principal_id: actor.id, now: tx.now })
  if (unspent >= UNSPENT_MAX) throw tooManyTokens(UNSPENT_MAX)
  const expires_at = tx.now + TOKEN_LASTS_MS
  await insertRow(tx.db, 'realtime_tokens', {
    id: hashRealtimeToken(token),
    principal_id: actor.id,
    session_id: actor.session_id,
    created_at: tx.now,
    expires_at,
  })
  return expires_at
}
