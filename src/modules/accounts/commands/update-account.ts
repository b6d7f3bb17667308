import type { Actor } from '../../../platform/actor.ts'
import { Forbidden } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { findUser, type UserChanges, type UserRow, updateUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { findPasswordHash } from '../queries.ts'
import { endSessions } from './end-sessions.ts'
import { inviteUser } from './invite-user.ts'
import { setPassword } from './set-password.ts'
import { voidLinks } from './void-links.ts'

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
  const before = await findUser(tx.db, user_id)
  requireMayChange(actor, { role: before?.role, wanted: changes.role })
  const user = await updateUser(tx, actor, { user_id, changes: proven, if_match })
  // His role, his organization or his queues may be others now, and those of an agent who left his teams.
  tx.afterCommit(() => forget())
  if (password_hash !== undefined) await setPassword(tx, actor, { user, password_hash, reason: 'password_changed', forget })
  if (before && before.email_key !== user.email_key) await moveLinks(tx, actor, user)
  if (user.active === 0) await endSessions(tx, actor, { user_id, reason: 'user_deactivated', forget })
  return user
}

/** Admins are made, and changed, by people: a key that could would become everything that it is not. */
export function requireMayChange(
  actor: Pick<Actor, 'type'>,
  { role, wanted }: { role: string | undefined; wanted: string | undefined },
): void {
  if (actor.type === 'api_key' && (role === 'admin' || wanted === 'admin'))
    throw Forbidden({ detail: 'An API key can neither make nor change an admin.' })
}

/** Links that wait in the former mailbox die; who has no password yet is invited at the new one. */
async function moveLinks(tx: Tx, actor: Actor, user: UserRow): Promise<void> {
  await voidLinks(tx, user.id)
  if (user.active === 1 && (await findPasswordHash(tx.db, user.id)) === undefined) await inviteUser(tx, actor, user)
}
