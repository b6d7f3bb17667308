import { type Expression, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { connectionOf, engineOf } from './connection.ts'
import { isDuplicate } from './errors.ts'
import { insertRow } from './prepared.ts'
import type { Reader, Schema } from './schema.ts'

// Everything that is said differently on SQLite and on MySQL stands in this file, the column types of migrate.ts aside.

/** Locks the rows that a decision rests on until the transaction ends. On SQLite the writer is alone anyway. */
export function forUpdate<DB, TB extends keyof DB, O>(
  db: Reader,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return engineOf(db) === 'mysql' ? query.forUpdate() : query
}

/** Keeps rows that a new row will name from being changed or deleted until the transaction ends; others may name them, too. */
export function forShare<DB, TB extends keyof DB, O>(
  db: Reader,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  // MariaDB knows only the older words, which MySQL still takes.
  return engineOf(db) === 'mysql' ? query.modifyEnd(sql`lock in share mode`) : query
}

/** Locks rows, passing over those that another transaction holds. On SQLite nobody else holds any. */
export function skipLocked<DB, TB extends keyof DB, O>(
  db: Reader,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return engineOf(db) === 'mysql' ? query.forUpdate().skipLocked() : query
}

/** The next number of a counter that never gives the same one twice; on MySQL no transaction waits for another's commit. */
export async function nextNumber(db: Reader, counter: keyof Schema & string): Promise<number> {
  const connection = connectionOf(db)
  if (connection.engine === 'mysql') return (await connection.query(`insert into \`${counter}\` () values ()`, [])).insertId
  const { rows } = await connection.query(`update "${counter}" set number = number + 1 returning number`, [])
  return Number(rows[0]?.number)
}

/** Inserts a row unless its key is taken; answers whether it was inserted. Waits for a transaction that holds the key. */
export async function insertIfAbsent<T extends keyof Schema & string>(db: Reader, table: T, row: Schema[T]): Promise<boolean> {
  try {
    // Both engines undo the refused statement alone, and the transaction goes on.
    await insertRow(db, table, row)
    return true
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
}

/**
 * A column that must not choose the index: the order of the list is what an index should carry. MySQL's statistics know that of
 * most columns; of a number with few values they do not.
 */
export function withoutIndex(db: Reader, column: string, kind: 'number' | 'text' = 'text'): RawBuilder<unknown> {
  if (engineOf(db) === 'sqlite') return sql`+${sql.ref(column)}`
  return kind === 'number' ? sql`(${sql.ref(column)} + 0)` : sql.ref(column)
}

/** A condition that must not choose the index: another one of the statement finds fewer rows, and SQLite has no statistics to see it by. */
export function unindexed(db: Reader, condition: RawBuilder<boolean>): RawBuilder<boolean> {
  return engineOf(db) === 'sqlite' ? sql<boolean>`+(${condition})` : condition
}

/** A join that is read in the order in which it is written. */
export function joinBehind(db: Reader): RawBuilder<unknown> {
  return sql.raw(engineOf(db) === 'sqlite' ? 'cross join' : 'straight_join')
}

/** A table read by this index of its own, whatever a planner believes: where statistics are wrong by what they do not know. */
export function byIndex(db: Reader, table: string, index: string): RawBuilder<unknown> {
  return engineOf(db) === 'sqlite'
    ? sql`${sql.ref(table)} indexed by ${sql.ref(`${table}_${index}`)}`
    : sql`${sql.ref(table)} force index (${sql.ref(index)})`
}

/**
 * That a table has a row that belongs to the row at hand, looked up for each by itself. MariaDB and MySQL would gather all the rows
 * of the table first, which costs more than the few that a page of a list needs; in a count they see no set to gather.
 */
export function hasRow(db: Reader, table: string, where: RawBuilder<boolean>): RawBuilder<boolean> {
  return engineOf(db) === 'sqlite'
    ? sql<boolean>`exists (select 1 from ${sql.ref(table)} where ${where})`
    : sql<boolean>`((select count(*) from ${sql.ref(table)} where ${where}) > 0)`
}

/**
 * How many rows at most, for a statement that is prepared once. SQLite's planner looks at the value behind a bare `limit ?`, and so
 * prepares the statement anew each time one is bound, which costs more than running it; at a sum it does not look.
 */
export function limitTo(db: Reader, limit: number): RawBuilder<number> {
  return engineOf(db) === 'sqlite' ? sql<number>`${limit} + 0` : sql<number>`${limit}`
}

/** The rows of several statements, each with its own order and limit, one after the other. */
export function concatRows<O>(db: Reader, parts: readonly Expression<O>[]): RawBuilder<O> {
  return engineOf(db) === 'sqlite'
    ? sql<O>`${sql.join(
        parts.map((part) => sql`select * from ${part}`),
        sql` union all `,
      )}`
    : sql<O>`${sql.join(parts, sql` union all `)}`
}
