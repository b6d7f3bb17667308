import type { Logger } from 'pino'
import type { Database } from './database.ts'
import { openMysql } from './mysql.ts'
import { createStopwatch } from './slow-queries.ts'
import { openSqlite } from './sqlite.ts'

/** Where the data is kept. */
export type DatabaseAddress =
  | { readonly engine: 'sqlite'; readonly path: string; readonly synchronous?: 'FULL' | 'OFF' }
  | {
      readonly engine: 'mysql'
      readonly host: string
      readonly port: number
      readonly user: string
      readonly password: string
      readonly database: string
      readonly tls: 'off' | 'unverified' | 'verified'
    }

export async function openDatabase(
  address: DatabaseAddress,
  { poolSize, log, slowQueryMs = 0 }: { poolSize: number; log: Logger; slowQueryMs?: number },
): Promise<Database> {
  const stopwatch = createStopwatch({ slowMs: slowQueryMs, onSlow: (query) => log.warn(query, 'slow query') })
  if (address.engine === 'sqlite')
    return openSqlite({
      path: address.path,
      synchronous: address.synchronous ?? 'FULL',
      stopwatch,
      onSlowWrite: (ms) => log.warn({ ms }, 'a transaction held the writer for too long'),
    })
  return openMysql({ ...address, poolSize, stopwatch, onWarning: (warning) => log.warn(warning) })
}
