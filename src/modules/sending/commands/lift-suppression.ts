import type { Actor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { suppressionDeleted } from '../events.ts'
import { getSuppression } from '../queries.ts'

/** Sends mail to an address again. What was suppressed meanwhile stays so, unless somebody retries it. */
export async function liftSuppression(tx: Tx, actor: Actor, { suppression_id }: { suppression_id: string }): Promise<void> {
  const { id, version, reason } = await getSuppression(tx.db, suppression_id)
  await tx.db.deleteFrom('suppressions').where('id', '=', id).execute()
  const subject = { type: 'suppression', id, version: version + 1 }
  tx.announce(suppressionDeleted, { actor, subject, visibility: 'internal', data: { reason } })
}
