import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Forget } from '../actors.ts'
import { sessionRevoked } from '../events.ts'
import { activeSessions } from '../queries.ts'
import type { SessionRow } from '../tables.ts'

/** Why a session ended. */
export type EndReason =
  | 'logged_out'
  | 'revoked_by_user'
  | 'password_changed'
  | 'password_reset'
  | 'user_deactivated'
  | 'refresh_token_reused'

interface Ending {
  reason: EndReason
  forget: Forget
}

/** Ends one session: its access tokens and refresh tokens open nothing from here on. Twice is the same as once. */
export async function endSession(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { session, reason, forget }: Ending & { session: Pick<SessionRow, 'id' | 'user_id'> },
): Promise<void> {
  const { numUpdatedRows } = await tx.db
    .updateTable('sessions')
    .set({ ended_at: tx.now, ended_reason: reason })
    .where('id', '=', session.id)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  tx.afterCommit(() => forget(session.id))
  if (numUpdatedRows === 0n) return
  tx.announce(sessionRevoked, {
    actor: { type: actor.type, id: actor.id },
    subject: { type: 'session', id: session.id, version: 2 },
    visibility: 'internal',
    data: { user_id: session.user_id, reason },
  })
}

/** Ends all sessions of a user, one aside if it is named; answers how many. */
export async function endSessions(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { user_id, but, ...ending }: Ending & { user_id: string; but?: string | null },
): Promise<number> {
  const sessions = await activeSessions(tx.db, { user_id, now: tx.now }).orderBy('id').execute()
  const ended = sessions.filter(({ id }) => id !== but)
  for (const session of ended) await endSession(tx, actor, { session, ...ending })
  return ended.length
}
