import type { Actor } from '../../../platform/actor.ts'
import { foldEmail } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import { newId } from '../../../platform/ids.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { suppressionCreated } from '../events.ts'
import type { SuppressionRow } from '../tables.ts'

/** Sends nothing to an address any more. Answers the row, and whether it was there already. */
export async function suppressAddress(
  tx: Tx,
  actor: Pick<Actor, 'type' | 'id'>,
  { address, ...why }: Pick<SuppressionRow, 'address' | 'reason' | 'detail' | 'outbound_mail_id'>,
): Promise<{ suppression: SuppressionRow; was_there: boolean }> {
  const address_key = foldEmail(address)
  const row: SuppressionRow = {
    id: newId('sup'),
    address: address.trim(),
    address_key,
    ...why,
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (await insertIfAbsent(tx.db, 'suppressions', row)) {
    const subject = { type: 'suppression', id: row.id, version: 1 }
    tx.announce(suppressionCreated, { actor, subject, visibility: 'internal', data: { reason: row.reason } })
    return { suppression: row, was_there: false }
  }
  const there = await tx.db
    .selectFrom('suppressions')
    .selectAll()
    .where('address_key', '=', address_key)
    .executeTakeFirstOrThrow()
  return { suppression: there, was_there: true }
}
