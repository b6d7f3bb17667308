import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findUser, type UserRow } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { findSessionToChange } from '../queries.ts'
import { isRefreshToken, parseRefreshToken } from '../refresh-token.ts'
import type { SessionRow } from '../tables.ts'
import { endSession } from './end-sessions.ts'

/** For so long the answer to a refresh that got lost on its way is given again. */
const GRACE_MS = 10_000

/**
 * Answers the session with the next generation of its refresh token, or undefined for a token that is not good any more.
 * A token that was used before ends the whole session, except within the grace while its successor is unused: then the
 * same successor is answered. Undefined is to be refused after the commit, for the end of a session must last.
 */
export async function refreshSession(
  tx: Tx,
  { token, secrets, days, forget }: { token: string; secrets: Secrets; days: number; forget: Forget },
): Promise<{ session: SessionRow; user: UserRow } | undefined> {
  const named = parseRefreshToken(token)
  const session = named && (await findSessionToChange(tx.db, named.session_id))
  if (!named || !session || !isRefreshToken(secrets, { token, session, generation: named.generation })) return undefined
  if (session.ended_at !== null || session.expires_at <= tx.now) return undefined
  const user = await findUser(tx.db, session.user_id)
  if (!user || user.active === 0) return undefined

  if (named.generation === session.generation) return { session: await rotate(tx, session, days), user }
  const isRetry = named.generation === session.generation - 1 && tx.now - session.rotated_at <= GRACE_MS
  if (isRetry) return { session, user }
  await endSession(tx, { type: 'user', id: user.id }, { session, reason: 'refresh_token_reused', forget })
  return undefined
}

async function rotate(tx: Tx, session: SessionRow, days: number): Promise<SessionRow> {
  const changes = {
    generation: session.generation + 1,
    rotated_at: tx.now,
    last_used_at: tx.now,
    expires_at: tx.now + days * 86_400_000,
  }
  await tx.db
    .updateTable('sessions')
    .set(changes)
    .where('id', '=', session.id)
    .where('generation', '=', session.generation)
    .execute()
  return { ...session, ...changes }
}
