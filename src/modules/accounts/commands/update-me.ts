import type { Actor } from '../../../platform/actor.ts'
import { foldEmail } from '../../../platform/codecs.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type UserChanges, type UserRow, updateUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { requestEmailChange } from './request-email-change.ts'

/** A person changes his own name, language or time zone, at once, or his address, once the new one is verified. */
export async function updateMe(
  tx: Tx,
  actor: Actor,
  change: Pick<UserChanges, 'name' | 'email' | 'locale' | 'time_zone'> & {
    if_match: readonly string[] | undefined
    forget: Forget
  },
): Promise<UserRow> {
  const { email, if_match, forget, ...changes } = change
  const user = await updateUser(tx, actor, { user_id: actor.id, changes, if_match })
  tx.afterCommit(() => forget(actor.session_id ?? undefined))
  if (email === undefined || email === user.email) return user
  // The same address in other letters is still his own.
  if (foldEmail(email) === user.email_key)
    return updateUser(tx, actor, { user_id: actor.id, changes: { email }, if_match: undefined })
  await requestEmailChange(tx, actor, { user, email })
  return user
}
