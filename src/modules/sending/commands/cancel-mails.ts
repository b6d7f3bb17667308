import type { Tx } from '../../../platform/transaction.ts'

/** Calls back the mails about a message or a ticket that have not left, with a word why. Answers how many. */
export async function cancelMails(tx: Tx, what: { message_id: string } | { ticket_id: string }, reason: string): Promise<number> {
  const [column, id] =
    'message_id' in what ? (['message_id', what.message_id] as const) : (['ticket_id', what.ticket_id] as const)
  const { numUpdatedRows } = await tx.db
    .updateTable('outbound_mails')
    .set((eb) => ({ state: 'cancelled' as const, reason, lease_token: null, updated_at: tx.now, version: eb('version', '+', 1) }))
    .where(column, '=', id)
    .where('state', 'in', ['queued', 'deferred'])
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
