import { toTime } from '../../../platform/codecs.ts'
import { forUpdate } from '../../../platform/database/dialect.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { type Step, withStep } from '../explain.ts'
import { isOver } from '../state.ts'
import type { InboundMailRow } from '../tables.ts'
import { announceQuarantine } from './announce-quarantine.ts'

/** Somebody else has the mail by now: what this try did is rolled back. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
}

/** What a try may change of a mail. */
export type MailChanges = Partial<
  Omit<InboundMailRow, 'id' | 'storage_key' | 'size' | 'sha256' | 'dedupe_key' | 'explain' | 'created_at' | 'version'>
>

/**
 * Changes a mail that this try holds, and says in its explanation what was found out or done. A terminal state ends the lease.
 * Throws `LeaseLost` where the mail is not held any more: its transaction must not commit.
 */
export async function rememberStep(
  tx: Tx,
  row: Pick<InboundMailRow, 'id' | 'lease_token'>,
  changes: MailChanges,
  ...steps: Step[]
): Promise<InboundMailRow> {
  if (row.lease_token === null) throw new LeaseLost()
  const query = tx.db.selectFrom('inbound_mails').selectAll().where('id', '=', row.id)
  const kept = await forUpdate(tx.db, query).executeTakeFirst()
  if (kept?.lease_token !== row.lease_token) throw new LeaseLost()
  const at = toTime(tx.now)
  const changed: Partial<InboundMailRow> = {
    ...changes,
    ...(changes.state !== undefined && isOver(changes.state) ? { lease_token: null } : {}),
    explain: steps.reduce((explain, step) => withStep(explain, { at, ...step }), kept.explain),
    updated_at: tx.now,
    version: kept.version + 1,
  }
  await tx.db.updateTable('inbound_mails').set(changed).where('id', '=', row.id).execute()
  const after = { ...kept, ...changed }
  if (changes.state === 'quarantined') announceQuarantine(tx, after)
  return after
}
