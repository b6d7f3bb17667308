import type { Database } from './database.ts'

// Every promise that rests on the session is stated here, whatever the server's defaults are.
// READ COMMITTED: a decision rests on a locked row or a conditional update, never on a snapshot.
const SESSION = [
  'set session transaction_isolation = "READ-COMMITTED"',
  'set session sql_mode = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"',
  'set session innodb_lock_wait_timeout = 1',
  // A search of many words is a statement of many joins: trying all their orders takes MySQL minutes.
  'set session optimizer_search_depth = 4',
  'set session time_zone = "+00:00"',
]
// MariaDB 10.11 knows the isolation level under its older name only. It also ends the transaction of a node that was stopped in the
// middle of it, which would else hold up the whole log; MySQL has nothing like that.
const MARIADB_SESSION = [
  'set session tx_isolation = "READ-COMMITTED"',
  'set session idle_transaction_timeout = 10',
  ...SESSION.slice(1),
]

// A member applies what others committed a moment later: without this, who signs in at one node is nobody at the next, and a ticket
// that was just acknowledged is 404. A transaction, and each statement outside one, first waits until the member has caught up.
const GALERA_SESSION = ['set session wsrep_sync_wait = 1']

/** What is said on every new connection before anybody else uses it; `isMember` says that the server is one of a Galera cluster. */
export function sessionStatements({ name }: Database['product'], { isMember }: { isMember: boolean }): readonly string[] {
  return [...(name === 'mariadb' ? MARIADB_SESSION : SESSION), ...(isMember ? GALERA_SESSION : [])]
}
