import type { Engine } from './connection.ts'
import type { Reader } from './schema.ts'

/** An open database: readers, and one way to write. */
export interface Database {
  readonly engine: Engine
  /** What answered: `sqlite`, `mariadb` or `mysql`, and its version. */
  readonly product: { name: 'sqlite' | 'mariadb' | 'mysql'; version: string }
  /** Reads outside any transaction. */
  readonly reader: Reader
  /**
   * Runs `work` in one transaction and commits it, once, without retries; resolves only after the commit is durable.
   * `work` gets the transaction and nothing else, waits for nothing but its own statements, and must not call `write`.
   */
  write<T>(work: (db: Reader) => Promise<T>): Promise<T>
  /** For how long who has waited longest has waited for a connection, and for a turn to write: 0 where nobody waits. */
  waits(): { read_ms: number; write_ms: number }
  /** Rejects with DatabaseAway unless the database can be written now. */
  check(): Promise<void>
  close(): Promise<void>
}
