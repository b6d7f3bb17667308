import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Reader, Schema } from './schema.ts'

/** The two dialects. MariaDB and MySQL share one. */
export type Engine = 'sqlite' | 'mysql'

export type Value = string | number | bigint | null | Uint8Array
export type Row = Record<string, unknown>

export interface Result {
  rows: Row[]
  /** Rows that matched a write, changed or not. */
  changes: number
  /** The last number that an auto-increment column gave. */
  insertId: number
}

/** Something that runs one statement: a connection, or a pool that picks one. */
export interface Connection {
  readonly engine: Engine
  /** What all connections of one opened database share, and no other has. */
  readonly home: object
  query(sql: string, parameters: readonly unknown[]): Promise<Result>
}

const connections = new WeakMap<object, Connection>()

/** The connection on which a reader or transaction runs its statements. */
export function connectionOf(db: Reader): Connection {
  const connection = connections.get(db)
  if (!connection) throw new Error('this Kysely instance was not made by kyselyOn')
  return connection
}

/** The dialect that a reader or transaction speaks. */
export function engineOf(db: Reader): Engine {
  return connectionOf(db).engine
}

/** What a reader shares with the transactions of the same opened database: what is kept of it in this process hangs on it. */
export function homeOf(db: Reader): object {
  return connectionOf(db).home
}

/** A Kysely instance whose statements run on the given connection. Transactions are not its business. */
export function kyselyOn(connection: Connection): Reader {
  const db = new Kysely<Schema>({ dialect: dialectOn(connection) })
  connections.set(db, connection)
  return db
}

function dialectOn(connection: Connection): Dialect {
  const sqlite = connection.engine === 'sqlite'
  return {
    createAdapter: () => (sqlite ? new SqliteAdapter() : new MysqlAdapter()),
    createDriver: () => driverOn(connection),
    createIntrospector: (db) => (sqlite ? new SqliteIntrospector(db) : new MysqlIntrospector(db)),
    createQueryCompiler: () => (sqlite ? new SqliteQueryCompiler() : new MysqlQueryCompiler()),
  }
}

function driverOn(connection: Connection): Driver {
  const acquired: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await connection.query(query.sql, query.parameters)
      return {
        // The row's shape is what Kysely derived from the query; this is the edge where it is believed.
        rows: result.rows as R[],
        numAffectedRows: BigInt(result.changes),
        insertId: BigInt(result.insertId),
      }
    },
    streamQuery(): never {
      throw new Error('streaming is not supported: page by keyset')
    },
  }
  const refuse = async (): Promise<never> => {
    throw new Error('transactions are opened by Database.write')
  }
  return {
    init: async () => {},
    acquireConnection: async () => acquired,
    releaseConnection: async () => {},
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    destroy: async () => {},
  }
}
