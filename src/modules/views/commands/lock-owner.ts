import { forUpdate } from '../../../platform/database/dialect.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { TooManyViews } from '../problems.ts'
import { countViewsOf } from '../queries.ts'

const MOST_VIEWS = 200

/** Makes sure that somebody can have one more view, until the transaction ends: an active agent who has not too many. */
export async function lockOwner(tx: Tx, owner_id: string): Promise<void> {
  // Under this lock nobody else gives him one.
  const user = tx.db.selectFrom('users').select(['role', 'active']).where('id', '=', owner_id)
  const owner = await forUpdate(tx.db, user).executeTakeFirst()
  if (owner?.active !== 1 || owner.role === 'requester')
    throw invalidField('/owner_id', 'not_an_agent', 'This is not an active agent.')
  if ((await countViewsOf(tx.db, owner_id)) >= MOST_VIEWS) throw TooManyViews()
}
