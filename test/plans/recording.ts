import { type Connection, connectionOf, kyselyOn } from '../../src/platform/database/connection.ts'
import type { Database } from '../../src/platform/database/database.ts'
import type { Reader } from '../../src/platform/database/schema.ts'

/** A statement as it was run. */
export interface Recorded {
  sql: string
  parameters: readonly unknown[]
}

/** The same database; whatever is run on it is told first. */
export function recordingDatabase(database: Database, onStatement: (statement: Recorded) => void): Database {
  const listening = (db: Reader): Reader => {
    const connection = connectionOf(db)
    const recording: Connection = {
      engine: connection.engine,
      query: (sql, parameters) => {
        onStatement({ sql, parameters })
        return connection.query(sql, parameters)
      },
    }
    return kyselyOn(recording)
  }
  return {
    engine: database.engine,
    product: database.product,
    reader: listening(database.reader),
    write: (work) => database.write((db) => work(listening(db))),
    check: () => database.check(),
    close: () => database.close(),
  }
}

/** One step of a plan, without what differs from run to run: estimates and costs. */
export interface Step {
  text: string
  /** The table, or its alias, that is read from end to end, and whether by an index, whose order a limit can cut short. */
  scan?: { table: string; byIndex: boolean }
  /** The select that it belongs to. */
  part: number
  /** Sorts the rows of its select. */
  isSort: boolean
}

/** What the engine says that it would do, step by step. */
export async function explain(database: Database, { sql, parameters }: Recorded): Promise<Step[]> {
  const isSqlite = database.engine === 'sqlite'
  const prefix = isSqlite ? 'explain query plan' : 'explain format=traditional'
  // A plan is asked for as the statement is run: in a transaction where it writes.
  const run = async (db: Reader) => (await connectionOf(db).query(`${prefix} ${sql}`, parameters)).rows
  const rows = /^\s*\(?select/i.test(sql) ? await run(database.reader) : await database.write(run)
  return isSqlite ? rows.map(sqliteStep) : rows.map(serverStep)
}

function sqliteStep({ detail, parent }: Record<string, unknown>): Step {
  const text = String(detail)
  const [, table, index] = /^SCAN (\w+)( USING (?:COVERING )?INDEX)?/.exec(text) ?? []
  const scan = table === undefined ? {} : { scan: { table, byIndex: index !== undefined } }
  return { text, ...scan, part: Number(parent), isSort: text.startsWith('USE TEMP B-TREE FOR ORDER BY') }
}

function serverStep(row: Record<string, unknown>): Step {
  const { table, type, key } = row
  const extra = String(row.Extra ?? '')
  const asides = ['Using index', 'Using temporary', 'Using filesort'].filter((words) => extra.split('; ').includes(words))
  const text = [
    row.select_type,
    table ?? '-',
    type ?? '-',
    key ?? '-',
    ...asides.map((words) => `(${words.toLowerCase()})`),
  ].join(' ')
  const isScan = type === 'ALL' || type === 'index'
  const scan = isScan ? { scan: { table: String(table), byIndex: type === 'index' } } : {}
  return { text, ...scan, part: Number(row.id), isSort: asides.includes('Using filesort') }
}
