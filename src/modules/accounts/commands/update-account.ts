import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type UserChanges, type UserRow, updateUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { endSessions } from './end-sessions.ts'
import { setPassword } from './set-password.ts'

/** An admin changes a user. A new address counts as proven; a new password and a deactivation sign out all his devices. */
export async function updateAccount(
  tx: Tx,
  actor: Actor,
  change: {
    user_id: string
    changes: UserChanges
    password_hash: string | undefined
    if_match: readonly string[] | undefined
    forget: Forget
  },
): Promise<UserRow> {
  const { user_id, changes, password_hash, if_match, forget } = change
  const proven = changes.email === undefined ? changes : { ...changes, email_is_proven: true }
  const user = await updateUser(tx, actor, { user_id, changes: proven, if_match })
  // His role, his organization or his queues may be others now, and those of an agent who left his teams.
  tx.afterCommit(() => forget())
  if (password_hash !== undefined) await setPassword(tx, actor, { user, password_hash, reason: 'password_reset', forget })
  if (user.active === 0) await endSessions(tx, actor, { user_id, reason: 'user_deactivated', forget })
  return user
}
