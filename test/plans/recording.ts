import { type Connection, connectionOf, kyselyOn } from '../../src/platform/database/connection.ts'
import type { Database } from '../../src/platform/database/database.ts'
import type { Reader } from '../../src/platform/database/schema.ts'

/** A statement as it was run, and what the engine said just before that it would do. */
export interface Recorded {
  sql: string
  plan: Step[]
}

/** The same database; of every statement that is wanted the plan is asked for, where and when it is run. */
export function recordingDatabase(
  database: Database,
  { isWanted, record }: { isWanted(sql: string): boolean; record(statement: Recorded): void },
): Database {
  const isSqlite = database.engine === 'sqlite'
  const listening = (db: Reader): Reader => {
    const connection = connectionOf(db)
    const recording: Connection = {
      engine: connection.engine,
      home: connection.home,
      query: async (sql, parameters) => {
        if (isWanted(sql)) {
          const prefix = isSqlite ? 'explain query plan' : 'explain format=traditional'
          const { rows } = await connection.query(`${prefix} ${sql}`, parameters)
          record({ sql, plan: rows.map(isSqlite ? sqliteStep : serverStep) })
        }
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
    waits: () => database.waits(),
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
  /** Sorts or gathers the rows of its select: no limit cuts short what it reads. */
  isSort: boolean
}

function sqliteStep({ detail, parent }: Record<string, unknown>): Step {
  const text = String(detail)
  const [, table, index] = /^SCAN (\w+)( USING (?:COVERING )?INDEX)?/.exec(text) ?? []
  const scan = table === undefined ? {} : { scan: { table, byIndex: index !== undefined } }
  return { text, ...scan, part: Number(parent), isSort: /^USE TEMP B-TREE FOR (ORDER|GROUP) BY/.test(text) }
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
  return { text, ...scan, part: Number(row.id), isSort: asides.includes('Using filesort') || asides.includes('Using temporary') }
}
