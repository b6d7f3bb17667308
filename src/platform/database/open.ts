import type { Logger } from 'pino'
import type { Database } from './database.ts'
import { openMysql } from './mysql.ts'
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
  { poolSize, log }: { poolSize: number; log: Logger },
): Promise<Database> {
  if (address.engine === 'sqlite')
    return openSqlite({
      path: address.path,
      synchronous: address.synchronous ?? 'FULL',
      onSlowWrite: (ms) => log.warn({ ms }, 'a transaction held the writer for too long'),
    })
  return openMysql({ ...address, poolSize, onWarning: (warning) => log.warn(warning) })
}
