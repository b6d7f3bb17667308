import { systemActor } from '../../../platform/actor.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { inboundMailQuarantined } from '../events.ts'
import type { InboundMailRow } from '../tables.ts'

/** Says that a mail lies in quarantine since this transaction. */
export function announceQuarantine(tx: Tx, row: InboundMailRow): void {
  const { mailbox_id, source, reason } = row
  announce(tx, inboundMailQuarantined, { actor: systemActor, row, data: { reason: reason ?? 'unknown', mailbox_id, source } })
}
