import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { createUser, type NewUser, type UserRow } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { inviteUser } from './invite-user.ts'
import { writePassword } from './set-password.ts'
import { requireMayChange, updateAccount } from './update-account.ts'

/** An admin enters a person who can sign in: at once with a password, or by the invitation that is mailed. */
export async function giveAccount(
  tx: Tx,
  actor: Actor,
  given: Omit<NewUser, 'email_is_proven'> & { active?: boolean; password_hash: string | undefined; forget: Forget },
): Promise<UserRow> {
  const { password_hash, active = true, forget, ...person } = given
  requireMayChange(actor, { role: undefined, wanted: given.role })
  const user = await createUser(tx, actor, { ...person, email_is_proven: true })
  if (password_hash !== undefined) await writePassword(tx, { user_id: user.id, password_hash })
  else if (active) await inviteUser(tx, actor, user)
  if (active) return user
  const change = { user_id: user.id, changes: { active }, password_hash: undefined, if_match: undefined, forget }
  return updateAccount(tx, actor, change)
}
