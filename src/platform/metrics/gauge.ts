import { sql } from 'kysely'
import type { Reader } from '../database/schema.ts'

/** Something in the database that is counted or measured when somebody asks for the metrics; modules name theirs. */
export interface GaugeDefinition {
  /** In the manner of Prometheus: `beckon_outbound_mails`, with its unit at the end where it has one. */
  name: string
  help: string
  /** Few values each, and never a text that somebody wrote. */
  labels: readonly string[]
  /** Cheap whatever the size of the tables; what cannot be is counted up to `COUNT_LIMIT`. */
  read(db: Reader, now: number): Promise<GaugeValue[]>
}

export interface GaugeValue {
  labels: Record<string, string>
  value: number
}

/** More of one thing are not counted. */
export const COUNT_LIMIT = 10_000

interface Countable {
  limit(count: number): { compile(): { sql: string; parameters: readonly unknown[] } }
}

/** How many rows a query has, up to the limit: what stands behind is not read. */
export async function countUpTo(db: Reader, query: Countable, limit = COUNT_LIMIT): Promise<number> {
  const limited = sql`${query.limit(limit)}`
  const { rows } = await sql<{ count: number }>`select count(*) as count from (${limited}) as found`.execute(db)
  return Number(rows[0]?.count ?? 0)
}
