import type { Actor } from '../../../platform/actor.ts'
import { Conflict } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { findPasswordHash } from '../queries.ts'
import { setPassword } from './set-password.ts'

/** A person changes his password, which was checked against `replaces`. His other devices are signed out. */
export async function changePassword(
  tx: Tx,
  actor: Actor,
  { password_hash, replaces, forget }: { password_hash: string; replaces: string; forget: Forget },
): Promise<void> {
  const user = await getUser(tx.db, actor.id)
  if ((await findPasswordHash(tx.db, user.id)) !== replaces) throw Conflict()
  await setPassword(tx, actor, { user, password_hash, reason: 'password_changed', forget, but: actor.session_id })
}
