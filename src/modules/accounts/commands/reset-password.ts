import type { Tx } from '../../../platform/transaction.ts'
import { findUser, findUserByEmail, type UserRow, updateUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { AccountInactive, InvalidMailToken } from '../problems.ts'
import { passwordSetAt } from '../queries.ts'
import type { MailTokenRow } from '../tables.ts'
import { setPassword } from './set-password.ts'
import { spend } from './spend-mail-token.ts'

/** The owner of a mailbox chooses a password, for the first time or anew. It proves the address and ends all sessions. */
export async function resetPassword(
  tx: Tx,
  { link, password_hash, forget }: { link: MailTokenRow; password_hash: string; forget: Forget },
): Promise<void> {
  await spend(tx, 'mail_tokens', link.id)
  const user = await ownerOf(tx, link)
  if (!user) throw InvalidMailToken()
  // A link that was mailed before the last change of password died with it.
  const set_at = await passwordSetAt(tx.db, user.id)
  if (set_at !== undefined && set_at > link.created_at) throw InvalidMailToken()
  const actor = { type: 'user' as const, id: user.id }
  const proven = await updateUser(tx, actor, { user_id: user.id, changes: { email_is_proven: true }, if_match: undefined })
  if (proven.active === 0) throw AccountInactive()
  await setPassword(tx, actor, { user: proven, password_hash, reason: 'password_reset', forget })
}

/** Whose mailbox it was mailed to, if the address is still his. */
async function ownerOf(tx: Tx, { user_id, email, email_key }: MailTokenRow): Promise<UserRow | undefined> {
  if (user_id === null) return findUserByEmail(tx.db, email ?? '')
  const user = await findUser(tx.db, user_id)
  return user?.email_key === email_key ? user : undefined
}
