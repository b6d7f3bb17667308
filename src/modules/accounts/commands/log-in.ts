import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Client } from '../../../platform/http/route.ts'
import type { Tx } from '../../../platform/transaction.ts'
import type { UserRow } from '../../directory/index.ts'
import { invalidCredentials } from '../problems.ts'
import type { SessionRow } from '../tables.ts'
import { openSession } from './open-session.ts'

/** Signs a person in whose password was found right, unless it was changed, or he was deactivated, in the meantime. */
export async function logIn(
  tx: Tx,
  { user_id, password_hash, ...device }: { user_id: string; password_hash: string; days: number; client: Client },
): Promise<{ session: SessionRow; user: UserRow }> {
  // First the user, then the credential, as where an admin changes both. A deactivation that comes later finds the session.
  const user = await forUpdate(tx.db, tx.db.selectFrom('users').selectAll().where('id', '=', user_id)).executeTakeFirst()
  const credential = tx.db.selectFrom('credentials').select('password_hash').where('user_id', '=', user_id)
  const current = await forUpdate(tx.db, credential).executeTakeFirst()
  if (!user || user.active === 0 || current?.password_hash !== password_hash) throw invalidCredentials()
  return { session: await openSession(tx, { user_id, ...device }), user }
}
