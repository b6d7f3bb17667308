import type { Kysely } from 'kysely'

/**
 * Every table of the house. The platform declares its own here; each module adds its tables by declaration merging
 * (`declare module`), in its `tables.ts`. Times are epoch milliseconds, booleans 0 or 1, JSON is text.
 */
export interface Schema {
  schema_steps: { migration: string; step: string; applied_at: number }
  schema_lock: { id: number; owner: string | null; expires_at: number }
}

/** What can be read from: the database, or a transaction. */
export type Reader = Kysely<Schema>
