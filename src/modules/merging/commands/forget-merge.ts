import type { Tx } from '../../../platform/transaction.ts'

/** Fires when a merge cannot be undone any more. */
export const FORGET = 'merging.forget'

/** Forgets which messages a merge moved: nobody asks any more. */
export async function forgetMoved(tx: Tx, merge_id: string): Promise<void> {
  await tx.db.deleteFrom('merged_messages').where('merge_id', '=', merge_id).execute()
}
