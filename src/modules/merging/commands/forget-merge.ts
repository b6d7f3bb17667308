import { forgetAnswers } from '../../../platform/kept-answers.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { familyOf } from '../queries.ts'

/** Fires when a merge cannot be undone any more. */
export const FORGET = 'merging.forget'

/** Forgets which messages a merge moved: nobody asks any more. */
export async function forgetMoved(tx: Tx, merge_id: string): Promise<void> {
  await tx.db.deleteFrom('merged_messages').where('merge_id', '=', merge_id).execute()
}

/** What was deleted with a ticket is not given again to who wrote it to one that was merged into it. */
export async function forgetAnswersOfMerged(tx: Tx, ticket_id: string): Promise<void> {
  for (const id of await familyOf(tx.db, ticket_id)) await forgetAnswers(tx.db, id)
}
