import type { Compilable, InferResult } from 'kysely'
import { connectionOf, type Engine, type Result } from './connection.ts'
import type { Reader, Schema } from './schema.ts'

// Building a statement's text costs more than running it: hot statements are built once per dialect and shape.

class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A place in a statement for a value that is given when it runs. `T` is the column's type. */
export type Slots<V> = { readonly [K in keyof V]: V[K] }

interface Built {
  sql: string
  parameters: readonly unknown[]
}

const SHAPES_KEPT = 2000

/**
 * A statement that is built once per dialect and `shape`, and run with values: `build` gets slots in their place.
 * `build` must depend on nothing but the dialect and the shape.
 */
export function prepare<V extends object, Q extends Compilable>(
  build: (db: Reader, slots: Slots<V>, shape: string) => Q,
): (db: Reader, values: V, shape?: string) => Promise<InferResult<Q>> {
  const run = prepareRaw<V, Q>(build)
  // The rows have the shape that Kysely derived from the query, as with its own execute().
  return async (db, values, shape) => (await run(db, values, shape)).rows as InferResult<Q>
}

/** As `prepare`, for statements that write: answers how many rows matched. */
export function prepareWrite<V extends object>(
  build: (db: Reader, slots: Slots<V>, shape: string) => Compilable,
): (db: Reader, values: V, shape?: string) => Promise<number> {
  const run = prepareRaw(build)
  return async (db, values, shape) => (await run(db, values, shape)).changes
}

function prepareRaw<V extends object, Q extends Compilable>(
  build: (db: Reader, slots: Slots<V>, shape: string) => Q,
): (db: Reader, values: V, shape?: string) => Promise<Result> {
  const built: Record<Engine, Map<string, Built>> = { sqlite: new Map(), mysql: new Map() }
  const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) }) as Slots<V>
  return (db, values, shape = '') => {
    const connection = connectionOf(db)
    const shapes = built[connection.engine]
    let statement = shapes.get(shape)
    if (!statement) {
      const { sql, parameters } = build(db, slots, shape).compile()
      statement = { sql, parameters }
      if (shapes.size >= SHAPES_KEPT) shapes.clear()
      shapes.set(shape, statement)
    }
    const given = values as Record<string, unknown>
    const parameters = statement.parameters.map((value) => (value instanceof Slot ? bound(given, value.name) : value))
    return connection.query(statement.sql, parameters)
  }
}

function bound(values: Record<string, unknown>, name: string): unknown {
  const value = values[name]
  if (value === undefined) throw new Error(`no value for ${name}`)
  return value
}

const inserts = new Map<string, string>()

/** Inserts rows that all have the same columns, in one statement whose text is kept. */
export async function insertRows<T extends keyof Schema & string>(
  db: Reader,
  table: T,
  rows: readonly Schema[T][],
): Promise<Result | undefined> {
  const first = rows[0]
  if (!first) return undefined
  const columns = Object.keys(first)
  const connection = connectionOf(db)
  const key = `${connection.engine} ${table} ${rows.length} ${columns.join()}`
  let sql = inserts.get(key)
  if (!sql) {
    const quote = connection.engine === 'sqlite' ? (name: string) => `"${name}"` : (name: string) => `\`${name}\``
    const group = `(${columns.map(() => '?').join(', ')})`
    sql = `insert into ${quote(table)} (${columns.map(quote).join(', ')}) values ${rows.map(() => group).join(', ')}`
    if (inserts.size >= SHAPES_KEPT) inserts.clear()
    inserts.set(key, sql)
  }
  const values: unknown[] = []
  for (const row of rows) for (const column of columns) values.push((row as Record<string, unknown>)[column])
  return connection.query(sql, values)
}

/** Inserts one row. */
export async function insertRow<T extends keyof Schema & string>(db: Reader, table: T, row: Schema[T]): Promise<void> {
  await insertRows(db, table, [row])
}
