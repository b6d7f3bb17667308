import { forUpdate } from '../../../platform/database/dialect.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { TooManyCannedReplies, TooManyMacros } from '../problems.ts'
import { countMacrosOf } from '../queries.ts'
import type { MacroKind } from '../tables.ts'

const MOST = 500

/** Makes sure that somebody can have one more of a kind, until the transaction ends: an active agent who has not too many. */
export async function lockOwner(tx: Tx, { owner_id, kind }: { owner_id: string; kind: MacroKind }): Promise<void> {
  // Under this lock nobody else gives him one.
  const user = tx.db.selectFrom('users').select(['role', 'active']).where('id', '=', owner_id)
  const owner = await forUpdate(tx.db, user).executeTakeFirst()
  if (owner?.active !== 1 || owner.role === 'requester')
    throw invalidField('/owner_id', 'not_an_agent', 'This is not an active agent.')
  if ((await countMacrosOf(tx.db, { owner_id, kind })) < MOST) return
  throw kind === 'macro' ? TooManyMacros() : TooManyCannedReplies()
}
