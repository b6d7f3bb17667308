// The databases that the chaos scripts run on, made for one run and dropped after it.
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { readDatabaseUrl } from '../../src/config-database.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { type DatabaseAddress, openDatabase } from '../../src/platform/database/open.ts'
import { createLog } from '../../src/platform/log.ts'

const SERVER = process.env.TEST_MARIADB_URL ?? 'mysql://root@127.0.0.1:3306/mysql'

export const quiet = createLog({ level: 'error', format: 'json' })

/** Where one run keeps its data. */
export interface Place {
  /** For DATABASE_URL; undefined for the SQLite file in the data folder. */
  url: string | undefined
  open(poolSize?: number): Promise<Database>
  drop(): Promise<void>
}

export function sqliteIn(folder: string): Place {
  const address: DatabaseAddress = { engine: 'sqlite', path: join(folder, 'beckon.db') }
  return { url: undefined, open: () => openDatabase(address, { poolSize: 1, log: quiet }), drop: async () => {} }
}

/** A database of its own on a MariaDB or MySQL server, which may be given as a URL. */
export async function databaseOn(server: string = SERVER): Promise<Place> {
  const name = `beckon_chaos_${process.pid}`
  await runOn(server, `drop database if exists ${name}`)
  await runOn(server, `create database ${name} character set utf8mb4 collate utf8mb4_bin`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    open: (poolSize = 4) => openDatabase(addressOf(url.href), { poolSize, log: quiet }),
    drop: () => runOn(server, `drop database if exists ${name}`),
  }
}

function addressOf(url: string): DatabaseAddress {
  const read = readDatabaseUrl(url)
  if (!('value' in read) || read.value.engine !== 'mysql') throw new Error(`${url} must be mysql://…`)
  return { ...read.value, tls: read.value.tls ?? 'off' }
}

/** Runs one statement on a server. */
export async function runOn(server: string, sql: string): Promise<void> {
  const { hostname, port, username, password } = new URL(server)
  const connection = await createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectTimeout: 3000,
  })
  try {
    await connection.query(sql)
  } finally {
    await connection.end()
  }
}
