import type { Actor } from '../../../platform/actor.ts'
import { requireMatch } from '../../../platform/http/etag.ts'
import { NotFound } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { Forget } from '../actors.ts'
import { findSessionToChange } from '../queries.ts'
import { endSession } from './end-sessions.ts'

/** A person signs one of his own devices out; 404 for one that is another's or has ended. */
export async function endMySession(
  tx: Tx,
  actor: Actor,
  { session_id, if_match, forget }: { session_id: string; if_match: readonly string[] | undefined; forget: Forget },
): Promise<void> {
  const session = await findSessionToChange(tx.db, session_id)
  const isMine = session?.user_id === actor.id && session.ended_at === null && session.expires_at > tx.now
  if (!session || !isMine) throw NotFound()
  requireMatch(if_match, `v${session.generation}`, session.generation)
  await endSession(tx, actor, { session, reason: 'revoked_by_user', forget })
}
