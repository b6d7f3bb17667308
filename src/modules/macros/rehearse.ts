import type { Transact, Tx } from '../../platform/transaction.ts'

/** Carries what a rehearsal found out of the transaction that it undoes. */
class Undone<T> extends Error {
  readonly found: T
  constructor(found: T) {
    super('a rehearsal is undone')
    this.found = found
  }
}

/** Runs `work` in a transaction that is undone whatever it did: nothing is written, announced or owed. */
export async function rehearse<T>(transact: Transact, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await transact(async (tx): Promise<T> => {
      throw new Undone(await work(tx))
    })
  } catch (error) {
    // Thrown right above, by this very call.
    if (error instanceof Undone) return error.found as T
    throw error
  }
}
