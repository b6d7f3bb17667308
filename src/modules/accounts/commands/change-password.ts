import type { Actor } from '../../../platform/actor.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import { Conflict } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getUser } from '../../directory/index.ts'
import type { Forget } from '../actors.ts'
import { setPassword } from './set-password.ts'

/** A person changes his password, which was checked against `replaces`. His other devices are signed out. */
export async function changePassword(
  tx: Tx,
  actor: Actor,
  { password_hash, replaces, forget }: { password_hash: string; replaces: string; forget: Forget },
): Promise<void> {
  const user = await getUser(tx.db, actor.id)
  const credential = tx.db.selectFrom('credentials').select('password_hash').where('user_id', '=', user.id)
  const current = await forUpdate(tx.db, credential).executeTakeFirst()
  if (current?.password_hash !== replaces) throw Conflict()
  await setPassword(tx, actor, { user, password_hash, reason: 'password_changed', forget, but: actor.session_id })
}
