import { sql } from 'kysely'
import type { Reader, Schema } from './schema.ts'

// So many values in one statement: a bound for its length.
const AT_ONCE = 500

/** Deletes the rows whose column has one of these values, however many values there are. Answers how many rows went. */
export async function deleteRows<T extends keyof Schema & string>(
  db: Reader,
  table: T,
  where: { column: keyof Schema[T] & string; values: readonly string[] },
): Promise<number> {
  let total = 0
  for (let from = 0; from < where.values.length; from += AT_ONCE) {
    const some = where.values.slice(from, from + AT_ONCE)
    const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where ${sql.ref(where.column)} in (${sql.join(
      some,
    )})`.execute(db)
    total += Number(numAffectedRows)
  }
  return total
}
