import { DatabaseAway, DatabaseFull, Problem } from '../problems.ts'

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
export const SQLITE_BUSY = 5
const SQLITE_FULL = 13

/** The primary result code of an error of node:sqlite, or undefined for anything else. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

function mysqlNumber(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined
}

// Lock wait timeout, deadlock, and "record has changed since last read" (MariaDB's snapshot isolation, Galera).
const RETRIED = new Set([1205, 1213, 1020])

/** Whether the same transaction may well succeed when it is run again. */
export function isTransient(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY || RETRIED.has(mysqlNumber(error) ?? 0)
}

/** Whether a write waited too long for a row that another transaction holds. */
export function isLockTimeout(error: unknown): boolean {
  return mysqlNumber(error) === 1205
}

/** Whether a unique key refused the row. */
export function isDuplicate(error: unknown): boolean {
  if (mysqlNumber(error) === 1062) return true
  return sqliteCode(error) === 19 && error instanceof Error && /UNIQUE|PRIMARY KEY/i.test(error.message)
}

const CONNECTION_LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'PROTOCOL_ENQUEUE_AFTER_QUIT',
])
// Server shutdown in progress, too many connections, new connections refused, read-only, killed, offline, a
// Galera node that is no member.
const SERVER_AWAY = new Set([1040, 1047, 1053, 1077, 1129, 1203, 1290, 1317, 1836, 1927, 3032, 3168, 3169, 4031])

// Disk full, and a table that cannot grow; errors of files say by the number of the system, ENOSPC, whether it was that.
const NO_ROOM = new Set([1021, 1114])
const MAYBE_NO_ROOM = new Set([3, 1003, 1004, 1026, 1030, 1598])

/** Whether the database could not take a write because there is no room for it; it goes on by itself once there is. */
export function isFull(error: unknown): boolean {
  if (error instanceof Problem) return error.definition === DatabaseFull
  if (sqliteCode(error) === SQLITE_FULL) return true
  const number = mysqlNumber(error) ?? 0
  return (
    NO_ROOM.has(number) ||
    (MAYBE_NO_ROOM.has(number) && error instanceof Error && /errno: 28\b|No space left/i.test(error.message))
  )
}

/** Whether the database could not be reached or could not take a write: the caller may try again later. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof Problem) return error.definition === DatabaseAway || error.definition === DatabaseFull
  if ('code' in error && typeof error.code === 'string' && CONNECTION_LOST.has(error.code)) return true
  // What mysql2 says of a command on a closed connection has neither code nor number.
  if ('fatal' in error && error.fatal === true && !('code' in error)) return true
  if (SERVER_AWAY.has(mysqlNumber(error) ?? 0) || isFull(error)) return true
  // SQLITE_BUSY after all tries, READONLY, IOERR, CANTOPEN.
  const code = sqliteCode(error)
  return code !== undefined && [SQLITE_BUSY, 8, 10, 14].includes(code)
}
