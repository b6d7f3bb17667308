import { type ConnectionOptions, createConnection, type QueryError } from 'mysql2'
import type { Row } from './connection.ts'
import type { Database } from './database.ts'

/** What a server says of itself, and the name of the database that is ours. */
interface ServerFacts {
  version: string
  /** Whether it is a member of a Galera cluster. */
  isMember: boolean
  /** The default character set of the database. */
  charset: string
  /** innodb_flush_log_at_trx_commit */
  flush_log: number
  /** max_allowed_packet, in bytes */
  packet: number
  database: string
}

/** Asks a server what `judgeServer` wants to know, on a connection of its own. */
export async function inspectServer(settings: ConnectionOptions & { database: string }): Promise<ServerFacts> {
  const connection = createConnection(settings)
  connection.on('error', () => {})
  const ask = (sql: string): Promise<Row[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
    connection.query(sql, (error: QueryError | null, rows: unknown) => (error ? reject(error) : resolve(rows as Row[])))
    return promise
  }
  try {
    const [facts] = await ask(
      'select version() as version, @@character_set_database as charset, @@innodb_flush_log_at_trx_commit as flush_log, @@max_allowed_packet as packet',
    )
    // MySQL does not know the name, and answers no row.
    const [galera] = await ask("show global variables like 'wsrep_on'")
    return {
      version: String(facts?.version),
      isMember: galera?.Value === 'ON',
      charset: String(facts?.charset),
      flush_log: Number(facts?.flush_log),
      packet: Number(facts?.packet),
      database: settings.database,
    }
  } finally {
    connection.destroy()
  }
}

/** Which of the two products a version is of, as the server words it: `11.8.3-MariaDB`, `8.4.6`. */
export function productOf(version: string): Database['product'] {
  return { name: version.includes('MariaDB') ? 'mariadb' : 'mysql', version }
}

// A row with the longest message and its HTML, or with the answer that shows both, is a packet of nearly so much.
const PACKET_BYTES = 16_777_216

/** Whether a server is too old to work with, and what its settings weaken; each says what to change. */
export function judgeServer({ version, charset, flush_log, packet, database }: Omit<ServerFacts, 'isMember'>): {
  refusal?: string
  warnings: string[]
} {
  const { name } = productOf(version)
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const needed = name === 'mariadb' ? ([10, 11] as const) : ([8, 4] as const)
  if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
    const oldest = name === 'mariadb' ? 'MariaDB 10.11' : 'MySQL 8.4'
    return { refusal: `${version} is too old: Beckon needs ${oldest} or newer.`, warnings: [] }
  }
  const warnings: string[] = []
  if (!charset.startsWith('utf8mb4'))
    warnings.push(
      `The database's default character set is ${charset}. Beckon's own tables state utf8mb4; ` +
        `set it with: alter database \`${database}\` character set utf8mb4 collate utf8mb4_bin`,
    )
  if (flush_log !== 1)
    warnings.push(
      'innodb_flush_log_at_trx_commit is not 1: an acknowledged write can be lost when the server loses power. ' +
        'Set it with: set global innodb_flush_log_at_trx_commit = 1',
    )
  if (packet < PACKET_BYTES)
    warnings.push(
      `max_allowed_packet is ${packet} bytes: the longest messages cannot be stored. ` +
        `Set it with: set global max_allowed_packet = ${PACKET_BYTES}`,
    )
  return { warnings }
}
