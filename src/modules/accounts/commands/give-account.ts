import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { createUser, type NewUser, type UserRow } from '../../directory/index.ts'
import { inviteUser } from './invite-user.ts'
import { writePassword } from './set-password.ts'

/** An admin enters a person who can sign in: at once with a password, or by the invitation that is mailed. */
export async function giveAccount(
  tx: Tx,
  actor: Actor,
  { password_hash, ...user }: Omit<NewUser, 'email_is_proven'> & { password_hash: string | undefined },
): Promise<UserRow> {
  const row = await createUser(tx, actor, { ...user, email_is_proven: true })
  if (password_hash === undefined) await inviteUser(tx, actor, row)
  else await writePassword(tx, { user_id: row.id, password_hash })
  return row
}
