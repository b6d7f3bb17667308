import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Client } from '../../../platform/http/route.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { getUser, type UserRow } from '../../directory/index.ts'
import { invalidCredentials } from '../problems.ts'
import type { SessionRow } from '../tables.ts'
import { openSession } from './open-session.ts'

/** Signs a person in whose password was found right, unless it was changed, or he was deactivated, in the meantime. */
export async function logIn(
  tx: Tx,
  { user_id, password_hash, ...device }: { user_id: string; password_hash: string; days: number; client: Client },
): Promise<{ session: SessionRow; user: UserRow }> {
  const credential = tx.db.selectFrom('credentials').select('password_hash').where('user_id', '=', user_id)
  const current = await forUpdate(tx.db, credential).executeTakeFirst()
  const user = await getUser(tx.db, user_id)
  if (current?.password_hash !== password_hash || user.active === 0) throw invalidCredentials()
  return { session: await openSession(tx, { user_id, ...device }), user }
}
