import type { Tx } from './transaction.ts'

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A kind of durable job: work that is too much for one transaction. */
export interface JobKind {
  /** `tags.rename`, kept for ever: jobs that wait name it. */
  name: string
  /**
   * Does the next part, of bounded size, in one transaction; `cursor` is what the last part answered, at first null. `processed`
   * is how many it took in this part. When it throws, the same part is tried again after a growing pause.
   */
  step(
    tx: Tx,
    job: { id: string; params: Json; cursor: Json; actor: { type: 'user' | 'api_key' | 'system'; id: string } },
  ): Promise<{ done: boolean; cursor: Json; processed: number }>
}
