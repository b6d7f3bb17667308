import type { Tx } from '../../../platform/transaction.ts'
import { findUser, type UserRow, updateUser } from '../../directory/index.ts'
import { AccountInactive, InvalidMailToken } from '../problems.ts'
import type { MailTokenRow } from '../tables.ts'
import { spend } from './spend-mail-token.ts'
import { voidLinks } from './void-links.ts'

/** The owner of the new mailbox confirms: the address is the user's from here on. Other links that wait for him die. */
export async function confirmEmailChange(tx: Tx, link: MailTokenRow): Promise<UserRow> {
  await spend(tx, 'mail_tokens', link.id)
  const user = await findUser(tx.db, link.user_id ?? '')
  if (!user || link.email === null) throw InvalidMailToken()
  await voidLinks(tx, user.id)
  const changes = { email: link.email, email_is_proven: true }
  const moved = await updateUser(tx, { type: 'user', id: user.id }, { user_id: user.id, changes, if_match: undefined })
  if (moved.active === 0) throw AccountInactive()
  return moved
}
