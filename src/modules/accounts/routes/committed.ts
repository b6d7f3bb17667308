import { noContent } from '../../../platform/http/answer.ts'
import type { Handled } from '../../../platform/http/route.ts'
import type { Tx } from '../../../platform/transaction.ts'

/**
 * Runs the request's transaction for what is answered only after its commit: tokens are signed outside of it, and what a
 * refusal leaves behind must last. For operations that ignore Idempotency-Key.
 */
export async function committed<T>(
  transact: Handled<unknown, unknown, unknown>['transact'],
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const outcomes: T[] = []
  await transact(async (tx) => {
    outcomes.push(await work(tx))
    return noContent()
  })
  // The transaction may have been run several times; the last run is the one that was committed.
  return outcomes.at(-1) as T
}
